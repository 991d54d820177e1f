//! Reading the words of figures that could not be read from the request alone: the article that tells their language may
//! be in the store.

use super::planner::Planner;
use super::{PlanError, View};
use crate::domain::figure::stored as stored_bounds;
use crate::domain::figure::words::{self, Reading};
use crate::domain::language::Language;
use crate::domain::model::{Claim, Figure, Link, Record, WarningReason};

impl<V: View> Planner<'_, V> {
    /// Reads what is left to read of a claim's figures, and warns of what cannot be read: it is kept to the letter.
    /// `stored` is the record that this one changes.
    pub(super) fn read_figures(
        &mut self,
        path: &str,
        claim: &mut Claim,
        stored: Option<&Record>,
    ) -> Result<(), PlanError<V::Error>> {
        // A record that is restored is taken as it was: what it left unread may be legible by now.
        if self.is_restoring || !claim.figures.iter().any(is_unread) {
            return Ok(());
        }
        let language = self.language_of_words(claim, stored)?;
        for (index, figure) in claim.figures.iter_mut().enumerate().filter(|(_, figure)| is_unread(figure)) {
            let path = format!("{path}.figures[{index}]");
            match words::read(&figure.verbatim, language.as_ref()) {
                Some(reading) if figure.value.is_none() || figure.value == reading.value => take(figure, reading),
                Some(_) => {
                    // Words that the request alone made readable were warned of before.
                    if !self.read_differently.contains(&*path) {
                        let message =
                            format!("the words {:?} read as another number; what was given is kept", figure.verbatim);
                        self.warn(&path, WarningReason::FigureReadsDifferently, message);
                    }
                }
                None => {
                    let why = words::why_unread(&figure.verbatim, language.as_ref());
                    let message = format!(
                        "{:?} could not be read as a figure: {why}; give value and qualifier instead",
                        figure.verbatim
                    );
                    self.warn(&path, WarningReason::FigureNotRead, message);
                }
            }
        }
        Ok(())
    }

    /// The language of the text that the words are from: the article's, else the claim's own.
    fn language_of_words(
        &mut self,
        claim: &Claim,
        stored: Option<&Record>,
    ) -> Result<Option<Language>, PlanError<V::Error>> {
        let stored = match stored {
            Some(Record::Claim(stored)) => Some(stored),
            Some(_) | None => None,
        };
        let article = claim.article.as_ref().or(stored.and_then(|stored| stored.article.as_ref()));
        let of_article = match article.and_then(Link::name).cloned() {
            Some(name) => match self.standing(&name)?.map(|standing| standing.record) {
                Some(Record::Article(article)) => article.language.clone(),
                Some(_) | None => None,
            },
            None => None,
        };
        let of_claim = || claim.language.clone().or_else(|| stored.and_then(|stored| stored.language.clone()));
        Ok(of_article.or_else(of_claim))
    }
}

fn is_unread(figure: &Figure) -> bool {
    figure.qualifier.is_none() && !figure.verbatim.is_empty()
}

fn take(figure: &mut Figure, reading: Reading) {
    let Ok(bounds) = stored_bounds(reading.qualifier, reading.value.as_ref(), &reading.bounds) else { return };
    figure.bounds = bounds;
    figure.qualifier = Some(reading.qualifier);
    figure.significant_digits = reading.significant_digits.unwrap_or(0);
    figure.value = reading.value;
    figure.kind = figure.kind.or(reading.kind);
    figure.unit = figure.unit.take().or(reading.unit);
    if figure.scale_word.is_empty() {
        figure.scale_word = reading.scale_word.unwrap_or_default();
    }
}
