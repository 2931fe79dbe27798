//! What stands in for the service: operations that answer, refuse, wait or break as they are told.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};

use restock::Store;
use restock_personalize::{Caller, Exception, Plane, Refusal, Service};
use serde_json::{Value, json};

/// Operations by name: `ListEcho` answers what it was asked, `DeleteQuietly` nothing, `CreateWait` waits for
/// [`StandIn::release`], `CreateTrouble` breaks, and `PutEvents` and the like do as their `trackingId` says.
pub struct StandIn {
    store: Store,
    pub number: u64,
    released: Mutex<bool>,
    release: Condvar,
    pub waiting: AtomicU64,
    pub closed: AtomicBool,
}

impl StandIn {
    pub fn new(store: Store, number: u64) -> StandIn {
        StandIn {
            store,
            number,
            released: Mutex::new(false),
            release: Condvar::new(),
            waiting: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Lets every `CreateWait` answer.
    pub fn release(&self) {
        *self.released.lock().unwrap() = true;
        self.release.notify_all();
    }

    fn wait(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut released = self.released.lock().unwrap();
        while !*released {
            released = self.release.wait(released).unwrap();
        }
    }
}

impl Service for StandIn {
    fn call(
        &self,
        plane: Plane,
        operation: &str,
        input: &Value,
        caller: &Caller,
    ) -> Result<Option<Value>, Refusal> {
        let refuse = |exception| Err(Refusal::new(exception, format!("{operation} was to be refused")));
        match (operation, input["trackingId"].as_str()) {
            ("ListEcho", _) => Ok(Some(json!({
                "input": input,
                "plane": format!("{plane:?}"),
                "region": caller.region,
                "requestId": caller.request_id,
                "service": self.number,
            }))),
            ("DeleteQuietly", _) => Ok(None),
            ("CreateWait", _) => {
                self.wait();
                Ok(Some(json!({"waited": true})))
            }
            ("CreateTrouble", _) => panic!("trouble that was asked for"),
            ("DescribeNothing", _) => refuse(Exception::ResourceNotFound),
            ("DeleteUsed", _) => refuse(Exception::ResourceInUse),
            ("CreateBroken", _) => refuse(Exception::InternalFailure),
            (_, Some("gone")) => refuse(Exception::ResourceNotFound),
            (_, Some("used")) => refuse(Exception::ResourceInUse),
            (_, Some("bad")) => refuse(Exception::InvalidInput),
            (put, Some(_)) if put.starts_with("Put") => Ok(None),
            ("ListDatasetGroups", _) => Ok(Some(json!({"datasetGroups": [
                {"name": "<b>shop</b>", "datasetGroupArn": "arn:g", "status": "ACTIVE", "creationDateTime": 1.5}]}))),
            ("ListDatasets", _) => Ok(Some(json!({"datasets": [
                {"name": "wares", "datasetType": "ITEMS", "status": "ACTIVE"}]}))),
            ("ListDatasetImportJobs", _) => Ok(Some(json!({"datasetImportJobs": [
                {"jobName": "monday", "datasetImportJobArn": "arn:j", "status": "CREATE FAILED", "creationDateTime": 2.5,
                 "failureReason": "line 3"}]}))),
            ("DescribeDatasetImportJob", _) => Ok(Some(json!({"datasetImportJob": {
                "datasetArn": "arn:aws:personalize:us-east-1:123456789012:dataset/shop/ITEMS", "importMode": "FULL",
                "dataSource": {"dataLocation": "s3://b/k.csv"}}}))),
            _ => refuse(Exception::UnknownOperation),
        }
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.release();
    }
}
