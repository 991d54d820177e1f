//! The words of the synthetic records: the most common first, since they are chosen so.

/// Words that hold sentences together.
pub(crate) const SMALL: &str = "the of to and in a that for on with is was by at from as his he it were are has be had \
    an have not said their who they but which or will been this after more its about would up one than her when she \
    over out also there into no during between against under before because could while all two other since where if \
    what only most some many our we you may such through both those these including even still then so each around \
    should now being near without within among until three according however despite whether several per amid";

/// What news speak of.
pub(crate) const NOUNS: &str = "people government country president year state minister police officials city war \
    percent company million forces world report ministry time years day week month months days leader party election \
    security case number group court law attack region area military troops soldiers residents statement house market \
    agency health support power water oil gas food energy price prices tax budget bank money trade economy growth \
    inflation rate wage union workers worker jobs industry factory plant production exports imports sanctions deal \
    agreement talks meeting summit vote parliament opposition prime spokesman spokesperson spokeswoman governor mayor \
    ambassador commander general officer officer's investigation charges prison judge lawyer victims death deaths \
    injuries casualties injured civilians children women men families refugees migrants camp border village town \
    province district river bridge road railway station port airport ship vessel aircraft plane helicopter drone \
    drones missile missiles strike strikes shelling artillery tank tanks brigade battalion army navy operation \
    offensive ceasefire invasion occupation territory frontline weapons ammunition defence defense aid hospital \
    hospitals school schools university students teachers doctors patients disease virus vaccine pandemic cases \
    infections medicine supply supplies shipment grain harvest wheat fire flood earthquake storm damage building \
    buildings homes apartment electricity grid network internet media newspaper television channel website social \
    post video photo footage article source sources journalist reporter analyst analysts expert experts research \
    researchers study survey poll estimate estimates figure figures data total share increase decrease decline rise \
    fall loss losses profit revenue sales shares investment fund loan debt project program programme policy plan \
    decision decree protest protests protesters rally demonstration campaign candidate voters seats coalition \
    committee council commission organization organisation nations rights crisis conflict peace violence murder \
    killing explosion blast bomb accident crash search rescue warehouse shelter convoy patrol checkpoint crossing \
    delegation information question part end home place head member members team event system service services \
    interview conference press news evening morning night afternoon weekend summer winter spring autumn";

/// What news say that somebody did.
pub(crate) const VERBS: &str = "said killed told reported announced added died injured wounded claimed confirmed \
    denied warned called made taken found held left lost sent used given shot hit destroyed damaged attacked seized \
    arrested detained released accused charged sentenced resigned elected appointed met visited signed agreed refused \
    rejected approved passed opened closed began started ended continued increased decreased reduced raised cut fell \
    rose grew reached moved returned fled evacuated displaced arrived crossed captured liberated withdrew deployed \
    launched fired intercepted repelled estimated expected planned built rebuilt restored delivered supplied \
    produced exported imported bought sold paid spent received recruited lives works remains according says say \
    noted stressed insisted suggested described published wrote posted showed believed known identified verified \
    blocked delayed suspended cancelled postponed failed won wins face faces help make take get see need want";

/// How news qualify.
pub(crate) const QUALIFIERS: &str = "new last first other former local national international public least foreign \
    military political economic social second next early late recent major large small high low old young dead missing \
    eastern western northern southern central regional federal senior top key main several different possible likely \
    serious severe critical temporary permanent partial complete private civilian armed nuclear annual monthly weekly \
    daily third fourth total average heavy light residential industrial occupied temporarily currently previously \
    recently earlier later still already overnight reportedly allegedly approximately nearly almost roughly";

/// Names that news everywhere have.
pub(crate) const PROPER: &str = "Ukraine Russia Russian Ukrainian United States China Chinese Israel Gaza European \
    Union Britain British France French Germany German Iran Iraq Syria India Turkey Poland Moscow Kyiv Washington \
    Beijing London Paris Berlin Brussels Reuters Associated Press Agence AFP BBC News Interfax TASS Guardian Times \
    Post Telegram Twitter Facebook YouTube NATO UN US EU UK Ministry Defence Defense Foreign Affairs Interior Health \
    President Prime Minister General Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March \
    April May June July August September October November December The In On At A He She It According World Bank \
    International Committee National Security Council State Department House Senate Congress Court Human Rights Watch";

/// How sentences of news begin, go on and end.
pub(crate) const PHRASES: &[&str] = &[
    "according to the",
    "said in a statement",
    "told reporters",
    "a spokesman for the",
    "the Ministry of Defence",
    "said on Monday",
    "at least",
    "more than",
    "fewer than",
    "less than",
    "as many as",
    "no fewer than",
    "no more than",
    "up to",
    "nearly",
    "about",
    "around",
    "almost",
    "between",
    "an estimated",
    "hundreds of",
    "thousands of",
    "dozens of",
    "people were killed",
    "were injured",
    "have been killed",
    "killed and wounded",
    "soldiers and officers",
    "in the past 24 hours",
    "since the beginning of the",
    "over the past week",
    "the number of",
    "in the region",
    "of the country",
    "on the condition of anonymity",
    "could not be independently verified",
    "million people",
    "per cent",
    "percent of the",
    "billion",
    "thousand",
    "the first time",
    "as well as",
    "because of the",
    "which was",
    "has been",
    "it was reported that",
];
