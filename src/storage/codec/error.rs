//! What cannot be stored, and what cannot be read back.

/// A value is not in its stored form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part} is not a name of the right kind")]
pub struct EncodeError {
    /// The part that is not.
    pub part: &'static str,
}

/// Bytes are not what the codec writes. Never says what they hold: it ends up in logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// They are no message.
    #[error("not a stored {0}")]
    Message(&'static str),
    /// A part is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A part is not a valid value.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// A number is none of its vocabulary: damage, or a newer format.
    #[error("{vocabulary} has no value {number}")]
    Unknown {
        /// The vocabulary.
        vocabulary: &'static str,
        /// The number.
        number: u32,
    },
}
