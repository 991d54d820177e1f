//! Reading figures from sentences: what is answered, and what is refused.

use claimdb::proto::claimdb::v1;

use super::support::{claim, fields, named, serve};

fn request(language: &str, sentences: &[&str]) -> v1::ReadFiguresRequest {
    v1::ReadFiguresRequest {
        language: language.into(),
        sentences: sentences.iter().map(|sentence| (*sentence).to_owned()).collect(),
    }
}

#[tokio::test]
async fn figures_are_read_from_each_sentence_with_where_they_stand() {
    let mut clients = serve().await;
    let sentences = ["Nach «Quelle»: nearly 2,000 of 13,000 died in 2025.", "They met.", "£2bn"];
    let response = clients.figures.read_figures(request("en-GB", &sentences)).await.unwrap().into_inner();
    let [first, second, third] = response.sentences.as_slice() else { panic!("{response:?}") };
    let [killed, deployed] = first.figures.as_slice() else { panic!("{first:?}") };
    assert_eq!((killed.start, killed.end, deployed.start, deployed.end), (15, 27, 31, 37));
    let killed = killed.figure.clone().unwrap();
    assert_eq!((killed.verbatim.as_str(), killed.value.as_str()), ("nearly 2,000", "2000"));
    assert_eq!(killed.qualifier(), v1::Qualifier::Nearly);
    assert_eq!(killed.bounds.unwrap().upper, Some(v1::interval::Upper::LessThan("2000".into())));
    assert_eq!(deployed.figure.clone().unwrap().significant_digits, 2);
    assert!(second.figures.is_empty());
    let money = third.figures[0].figure.clone().unwrap();
    let unit = money.unit.clone().unwrap();
    assert_eq!((money.kind(), money.value.as_str()), (v1::FigureKind::Money, "2000000000"));
    assert_eq!((unit.system(), unit.code.as_str(), unit.verbatim.as_str()), (v1::UnitSystem::Iso4217, "GBP", "£"));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_reason() {
    let mut clients = serve().await;
    let mut refused = async |request, reason: &str| {
        let status = clients.figures.read_figures(request).await.unwrap_err();
        (fields(&status, reason), status.message().to_owned())
    };
    let (fields, message) = refused(request("de", &["13.000 Soldaten"]), "LANGUAGE_NOT_SUPPORTED").await;
    assert_eq!(fields, ["language"]);
    assert!(message.contains("de") && message.contains("en"), "{message}");
    assert_eq!(refused(request("", &["5"]), "FIELD_INVALID").await.0, ["language"]);
    assert_eq!(refused(request("e n", &["5"]), "FIELD_INVALID").await.0, ["language"]);
    assert_eq!(refused(request("en", &[]), "FIELD_INVALID").await.0, ["sentences"]);
    assert_eq!(refused(request("en", &["5", ""]), "FIELD_INVALID").await.0, ["sentences[1]"]);
    let long = "5 ".repeat(10_000);
    assert_eq!(refused(request("en", &[&long]), "LIMIT_EXCEEDED").await.0, ["sentences[0]"]);
    assert_eq!(refused(request("en", &["5"; 1_001]), "LIMIT_EXCEEDED").await.0, ["sentences"]);
    let half = "5 ".repeat(8_000);
    assert_eq!(refused(request("en", &[half.as_str(); 5]), "LIMIT_EXCEEDED").await.0, ["sentences"]);
}

#[tokio::test]
async fn the_largest_request_has_an_answer() {
    let mut clients = serve().await;
    for words in ["5 ", "$1 ", "⅔ ", "one hundred and ", "one in ", "(", "1,1,", "7 feet ", "a third of a "] {
        let sentence: String = words.repeat(16_000 / words.len());
        let response = clients.figures.read_figures(request("en", &[sentence.as_str(); 4])).await.unwrap().into_inner();
        assert_eq!(response.sentences.len(), 4, "{words}");
    }
}

#[tokio::test]
async fn recorded_words_are_read_by_the_same_rules() {
    let mut clients = serve().await;
    let verbatim = ["£2bn", "between 5 and 10 thousand", "no casualties", "one in five", "13,000 or so soldiers"];
    let figures = verbatim.map(|verbatim| v1::Figure { verbatim: verbatim.into(), ..Default::default() });
    let recorded = v1::Claim { figures: figures.to_vec(), ..claim("claims/a", "Said.", named("A")) };
    let answer = clients.record(v1::RecordRequest { claims: vec![recorded], ..Default::default() }).await.unwrap();
    let unread: Vec<&str> = answer.warnings.iter().map(|warning| warning.path.as_str()).collect();
    assert_eq!(unread, ["claims[0].figures[4]"], "{:?}", answer.warnings);
    let read = clients.figures.read_figures(request("en", &verbatim[..4])).await.unwrap().into_inner();
    let names = v1::GetClaimRequest { name: "claims/a".into(), as_of: None };
    let stored = clients.claims.get_claim(names).await.unwrap().into_inner().claim.unwrap().figures;
    for (sentence, stored) in read.sentences.iter().zip(&stored) {
        let figure = sentence.figures[0].figure.clone().unwrap();
        assert_eq!(v1::Figure { id: stored.id.clone(), ..figure }, *stored);
    }
    let unread = &stored[4];
    assert_eq!((unread.verbatim.as_str(), unread.value.as_str()), ("13,000 or so soldiers", ""));
    assert_eq!((unread.qualifier(), unread.bounds.clone()), (v1::Qualifier::Unspecified, None));
}
