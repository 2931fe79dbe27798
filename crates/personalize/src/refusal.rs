//! What a call is refused with: an AWS exception and a message for people.

use std::fmt;

/// The exceptions that leave the endpoint, by the names that AWS clients know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is what it is called")]
pub enum Exception {
    // modelled by the service (`personalize.md`, section 5.3)
    InvalidInput,
    ResourceNotFound,
    ResourceAlreadyExists,
    ResourceInUse,
    LimitExceeded,
    InvalidNextToken,
    TooManyTags,
    TooManyTagKeys,
    // common to all AWS services
    UnknownOperation,
    Serialization,
    MissingAuthenticationToken,
    IncompleteSignature,
    InvalidSignature,
    UnrecognizedClient,
    RequestExpired,
    AccessDenied,
    RequestEntityTooLarge,
    Throttling,
    ServiceUnavailable,
    InternalFailure,
}

impl Exception {
    /// The type as clients name it, `ResourceNotFoundException`.
    pub fn name(self) -> &'static str {
        match self {
            Exception::InvalidInput => "InvalidInputException",
            Exception::ResourceNotFound => "ResourceNotFoundException",
            Exception::ResourceAlreadyExists => "ResourceAlreadyExistsException",
            Exception::ResourceInUse => "ResourceInUseException",
            Exception::LimitExceeded => "LimitExceededException",
            Exception::InvalidNextToken => "InvalidNextTokenException",
            Exception::TooManyTags => "TooManyTagsException",
            Exception::TooManyTagKeys => "TooManyTagKeysException",
            Exception::UnknownOperation => "UnknownOperationException",
            Exception::Serialization => "SerializationException",
            Exception::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Exception::IncompleteSignature => "IncompleteSignatureException",
            Exception::InvalidSignature => "InvalidSignatureException",
            Exception::UnrecognizedClient => "UnrecognizedClientException",
            Exception::RequestExpired => "RequestExpired",
            Exception::AccessDenied => "AccessDeniedException",
            Exception::RequestEntityTooLarge => "RequestEntityTooLargeException",
            Exception::Throttling => "ThrottlingException",
            Exception::ServiceUnavailable => "ServiceUnavailable",
            Exception::InternalFailure => "InternalFailure",
        }
    }
}

/// A call that is refused, and changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind.
    pub exception: Exception,
    /// What happened, the value, what was expected, what to do.
    pub message: String,
}

impl Refusal {
    /// A refusal of this kind.
    pub fn new(exception: Exception, message: impl Into<String>) -> Refusal {
        Refusal { exception, message: message.into() }
    }

    /// The refusal of an input that breaks a rule.
    pub fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(Exception::InvalidInput, message)
    }
}

/// What the store refuses is the caller's to mend if it is about the request; else the server cannot do its work.
impl From<restock::Error> for Refusal {
    fn from(error: restock::Error) -> Refusal {
        use restock::{Error, StoreError};
        let exception = match &error {
            Error::Schema(_)
            | Error::Record(_)
            | Error::Rejected { .. }
            | Error::Refused(_)
            | Error::Store(StoreError::Schema(_) | StoreError::FullFirst { .. } | StoreError::Refused(_)) => {
                Exception::InvalidInput
            }
            Error::Store(StoreError::NoDataset { .. }) => Exception::ResourceNotFound,
            _ => Exception::InternalFailure,
        };
        Refusal::new(exception, error.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.exception.name(), self.message)
    }
}

impl std::error::Error for Refusal {}
