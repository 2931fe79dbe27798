"""A `restock serve` of its own for each test, and clients of it: unmodified boto3 and `aws`."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import boto3
import botocore.config

RESTOCK = os.environ["RESTOCK_BIN"]
REGION = "eu-west-1"
ITEMS = {
    "type": "record", "name": "Items", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
    "fields": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "GENRE", "type": ["null", "string"], "categorical": True},
        {"name": "PRICE", "type": ["float", "null"]},
    ],
}
USERS = {
    "type": "record", "name": "Users", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
    "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": ["null", "int"]}],
}
INTERACTIONS = {
    "type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
    "fields": [
        {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"},
        {"name": "EVENT_VALUE", "type": ["float", "null"]},
    ],
}
ROLE = "arn:aws:iam::123456789012:role/PersonalizeRole"


class Served(unittest.TestCase):
    """A server over a store in a folder of its own, with `s3` beside it as its `--s3-root`."""

    OPTIONS = ()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="restock-clients-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.bucket = self.folder / "s3" / "bucket"
        self.bucket.mkdir(parents=True)
        subprocess.run([RESTOCK, "init", str(self.folder / "store")], check=True, capture_output=True)
        self.start()

    def start(self):
        words = [RESTOCK, "serve", str(self.folder / "store"), "--listen", "127.0.0.1:0",
                 "--s3-root", str(self.folder / "s3"), *self.OPTIONS]
        self.log = open(self.folder / "log", "a")
        self.addCleanup(self.log.close)
        self.server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.addCleanup(self.stop)
        ready = self.server.stdout.readline()
        if not ready:
            self.fail((self.folder / "log").read_text())
        self.url = json.loads(ready)["url"]
        self.environment = {
            **os.environ, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL_PERSONALIZE": self.url, "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS": self.url,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": "",
        }
        self.personalize = self.client("personalize")
        self.events = self.client("personalize-events")

    def client(self, service):
        return self.client_of(service, self.url)

    @staticmethod
    def client_of(service, url):
        return boto3.client(
            service, endpoint_url=url, region_name=REGION, aws_access_key_id="any", aws_secret_access_key="any",
            config=botocore.config.Config(retries={"max_attempts": 0}),
        )

    def stop(self):
        if self.server.poll() is None:
            self.server.terminate()
            self.server.wait(timeout=20)
        self.server.stdout.close()

    def aws(self, *words, ok=True):
        """What the `aws` command line of this Python's packages prints."""
        ran = subprocess.run([sys.executable, "-m", "awscli", *words], env=self.environment, capture_output=True, text=True)
        self.assertEqual(ran.returncode == 0, ok, ran.stderr)
        return ran.stdout if ok else ran.stderr

    def restock(self, *words):
        """What `restock` prints of the store, beside the server."""
        return subprocess.run([RESTOCK, *words], check=True, capture_output=True, text=True).stdout

    def csv(self, name, *lines):
        path = self.bucket / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return f"s3://bucket/{name}"

    def refused(self, exception, call, **arguments):
        """The message of a call that is refused so."""
        with self.assertRaises(call.__self__.exceptions.ClientError) as caught:
            call(**arguments)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], exception, error["Message"])
        return error["Message"]

    def group(self, name="shop", **arguments):
        return self.personalize.create_dataset_group(name=name, **arguments)["datasetGroupArn"]

    def dataset(self, group, dataset_type, schema):
        made = self.personalize.create_schema(name=f"{dataset_type}-schema", schema=json.dumps(schema))
        return self.personalize.create_dataset(
            name=f"my-{dataset_type}".lower(), schemaArn=made["schemaArn"], datasetGroupArn=group,
            datasetType=dataset_type,
        )["datasetArn"]

    def import_csv(self, name, dataset, location, mode="FULL", status="ACTIVE"):
        """The described job, when it is over."""
        arn = self.personalize.create_dataset_import_job(
            jobName=name, datasetArn=dataset, dataSource={"dataLocation": location}, roleArn=ROLE, importMode=mode,
        )["datasetImportJobArn"]
        return self.ended(
            lambda: self.personalize.describe_dataset_import_job(datasetImportJobArn=arn)["datasetImportJob"], status,
        )

    def ended(self, describe, status):
        until = time.monotonic() + 20
        while True:
            job = describe()
            if job["status"] in ("ACTIVE", "CREATE FAILED", "COMPLETED", "FAILED"):
                self.assertEqual(job["status"], status, job.get("failureReason"))
                return job
            self.assertLess(time.monotonic(), until, job)
            time.sleep(0.02)
