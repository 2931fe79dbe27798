//! The schemas shown in `docs/schemas.md` are taken.

use restock_schema::{DatasetType, Domain, Schema, check};

const PAGE: &str = include_str!("../../../docs/schemas.md");

#[test]
fn every_schema_on_the_page_is_accepted_for_its_type() {
    let blocks: Vec<_> = PAGE.split("```json").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 4, "the page shows {} schemas", blocks.len());
    for block in blocks {
        let schema = Schema::from_avro(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
        let dataset_type = schema.name().parse().unwrap_or(DatasetType::Custom);
        let domain = schema.field("CATEGORY_L1").map(|_| Domain::Ecommerce);
        check(&schema, dataset_type, domain, None).unwrap_or_else(|error| panic!("{error}\n{block}"));
    }
}
