//! The values of its options.

use std::time::Duration;

use restock_personalize::States;

use super::{account, region, states};

#[test]
fn states_are_instant_or_paced() {
    assert_eq!(states("instant"), Ok(States::Instant));
    assert_eq!(states("paced"), Ok(States::Paced(Duration::from_millis(500))));
    assert_eq!(states("paced=20"), Ok(States::Paced(Duration::from_millis(20))));
    for wrong in ["", "slow", "paced=", "paced=0", "paced=-1", "paced=3600001", "instant=5"] {
        assert!(states(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn regions_and_accounts_have_their_form() {
    assert!(region("eu-central-1").is_ok() && account("000000000001").is_ok());
    for wrong in ["", "EU", "a b", "a/b"] {
        assert!(region(wrong).is_err(), "{wrong}");
    }
    for wrong in ["", "12345678901", "1234567890123", "12345678901x"] {
        assert!(account(wrong).is_err(), "{wrong}");
    }
}
