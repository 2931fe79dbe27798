//! The service's limits on values.

use restock_schema::{DatasetType, Field, LimitSet, TextLimit, ValueType};

fn string(name: &str) -> Field {
    Field::new(name, ValueType::String)
}

fn limit(field: &Field, dataset_type: DatasetType, record_id: Option<&str>) -> Option<TextLimit> {
    assert_eq!(LimitSet::None.for_field(field, dataset_type, record_id), None);
    LimitSet::Personalize.for_field(field, dataset_type, record_id)
}

#[test]
fn ids_have_256_characters() {
    let ids = Some(TextLimit::Refuse { chars: 256 });
    for name in ["USER_ID", "ITEM_ID"] {
        assert_eq!(limit(&string(name), DatasetType::Interactions, None), ids);
    }
    assert_eq!(limit(&string("ACTION_ID"), DatasetType::Actions, Some("ACTION_ID")), ids);
    assert_eq!(limit(&string("KEY"), DatasetType::Custom, Some("KEY")), ids);
}

#[test]
fn other_strings_have_1000_and_texts_are_cut_at_20_000() {
    let strings = Some(TextLimit::Refuse { chars: 1_000 });
    assert_eq!(limit(&string("IMPRESSION"), DatasetType::Interactions, None), strings);
    assert_eq!(limit(&string("TITLE"), DatasetType::Items, None), strings);
    assert_eq!(limit(&Field { categorical: true, ..string("GENRES") }, DatasetType::Items, None), strings);
    assert_eq!(limit(&string("USER_ID"), DatasetType::Custom, None), strings);
    assert_eq!(
        limit(&Field { textual: true, ..string("PLOT") }, DatasetType::Items, None),
        Some(TextLimit::Cut { chars: 20_000 })
    );
}

#[test]
fn numbers_have_no_limit() {
    assert_eq!(limit(&Field::new("KEY", ValueType::Long), DatasetType::Custom, Some("KEY")), None);
}

#[test]
fn characters_are_counted_and_not_bytes() {
    let refuse = TextLimit::Refuse { chars: 3 };
    let cut = TextLimit::Cut { chars: 3 };
    assert_eq!(refuse.chars(), 3);
    for fits in ["", "abc", "äöü", "日本語", "🎬🎬🎬"] {
        assert_eq!(refuse.admit(fits), Some(fits));
        assert_eq!(cut.admit(fits), Some(fits));
    }
    assert_eq!(refuse.admit("abcd"), None);
    assert_eq!(refuse.admit("日本語で"), None);
    assert_eq!(cut.admit("abcd"), Some("abc"));
    assert_eq!(cut.admit("日本語で"), Some("日本語"));
}
