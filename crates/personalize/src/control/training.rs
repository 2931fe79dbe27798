//! The training half, which is outside Restock: clients that look find nothing there, those that make are refused.

use serde_json::json;

use super::Answer;
use super::input::Input;
use crate::refusal::{Exception, Refusal};

/// What is listed, with the member that the list is in, and what the operations on one of it call it.
const LISTS: [(&str, &str); 10] = [
    ("ListBatchInferenceJobs", "batchInferenceJobs"),
    ("ListBatchSegmentJobs", "batchSegmentJobs"),
    ("ListCampaigns", "campaigns"),
    ("ListFilters", "Filters"),
    ("ListMetricAttributionMetrics", "metrics"),
    ("ListMetricAttributions", "metricAttributions"),
    ("ListRecipes", "recipes"),
    ("ListRecommenders", "recommenders"),
    ("ListSolutions", "solutions"),
    ("ListSolutionVersions", "solutionVersions"),
];

const ON_ONE: [&str; 23] = [
    "DescribeAlgorithm",
    "DescribeBatchInferenceJob",
    "DescribeBatchSegmentJob",
    "DescribeCampaign",
    "DescribeFeatureTransformation",
    "DescribeFilter",
    "DescribeMetricAttribution",
    "DescribeRecipe",
    "DescribeRecommender",
    "DescribeSolution",
    "DescribeSolutionVersion",
    "GetSolutionMetrics",
    "DeleteCampaign",
    "DeleteFilter",
    "DeleteMetricAttribution",
    "DeleteRecommender",
    "DeleteSolution",
    "UpdateCampaign",
    "UpdateMetricAttribution",
    "UpdateRecommender",
    "UpdateSolution",
    "StartRecommender",
    "StopRecommender",
];

const STOP_SOLUTION_VERSION: &str = "StopSolutionVersionCreation";

const CREATE: [&str; 8] = [
    "CreateBatchInferenceJob",
    "CreateBatchSegmentJob",
    "CreateCampaign",
    "CreateFilter",
    "CreateMetricAttribution",
    "CreateRecommender",
    "CreateSolution",
    "CreateSolutionVersion",
];

/// The answer to an operation of that half; `None` if it is of the other.
pub(super) fn answer(operation: &str, input: &Input<'_>) -> Option<Answer> {
    if let Some((_, list)) = LISTS.iter().find(|(name, _)| *name == operation) {
        return Some(Ok(Some(json!({*list: []}))));
    }
    if ON_ONE.contains(&operation) || operation == STOP_SOLUTION_VERSION {
        let arn = input.ending("Arn").unwrap_or("none");
        let message = format!(
            "The given resource does not exist: {arn}. Restock answers for data; it has no solutions, campaigns, recommenders or filters"
        );
        return Some(Err(Refusal::new(Exception::ResourceNotFound, message)));
    }
    CREATE.contains(&operation).then(|| Err(outside(operation)))
}

/// The refusal of what Restock does not do.
pub(crate) fn outside(operation: &str) -> Refusal {
    let message = format!(
        "{operation} is outside Restock, which answers the data half of Amazon Personalize: dataset groups, schemas, datasets, imports, exports, deletions and events; train and recommend elsewhere"
    );
    Refusal::new(Exception::UnknownOperation, message)
}
