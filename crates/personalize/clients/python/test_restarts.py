"""What is there after a server was killed, and after a reset."""

import json
import subprocess
import time
import urllib.request
import unittest

from served import ITEMS, RESTOCK, Served


class Killed(Served):
    OPTIONS = ("--states", "paced=300")

    def test_a_job_that_was_killed_is_settled_at_the_next_start(self):
        client = self.personalize
        group = self.group()
        until = time.monotonic() + 10
        while client.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"] != "ACTIVE":
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        items = self.dataset(group, "Items", ITEMS)
        while client.describe_dataset(datasetArn=items)["dataset"]["status"] != "ACTIVE":
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        location = self.csv("items.csv", "ITEM_ID,GENRE,PRICE", "i1,Drama,1")
        job = client.create_dataset_import_job(
            jobName="killed", datasetArn=items, dataSource={"dataLocation": location})["datasetImportJobArn"]
        before = client.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]
        self.assertIn(before["status"], ("CREATE PENDING", "CREATE IN_PROGRESS"))
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()
        self.start()
        described = self.personalize.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]
        self.assertEqual(described["status"], "CREATE FAILED")
        self.assertTrue(described["failureReason"])
        self.assertEqual(described["creationDateTime"], before["creationDateTime"])
        self.assertEqual(self.restock("verify", str(self.folder / "store"), "--json")[:1], "{")


class Fixture(unittest.TestCase):
    def test_a_server_in_memory_is_seeded_and_returns_to_that(self):
        words = [RESTOCK, "serve", ":memory:", "--listen", "127.0.0.1:0", "--fixture", "rules"]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        ready = json.loads(server.stdout.readline())
        client = Served.client_of("personalize", ready["url"])
        groups = [group["name"] for group in client.list_dataset_groups()["datasetGroups"]]
        self.assertEqual(groups, ["rules"])
        datasets = client.list_datasets()["datasets"]
        self.assertIn("ITEMS", [dataset["datasetType"] for dataset in datasets])
        trackers = client.list_event_trackers()["eventTrackers"]
        tracker = client.describe_event_tracker(eventTrackerArn=trackers[0]["eventTrackerArn"])["eventTracker"]
        self.assertEqual(ready["tracking_ids"], {"rules": tracker["trackingId"]})
        client.create_dataset_group(name="more")
        reset = urllib.request.Request(ready["url"] + "/_restock/reset", method="POST")
        began = time.monotonic()
        with urllib.request.urlopen(reset) as answer:
            self.assertLess(answer.status, 300)
        self.assertLess(time.monotonic() - began, 1)
        self.assertEqual(client.list_datasets()["datasets"], datasets)
        self.assertEqual([group["name"] for group in client.list_dataset_groups()["datasetGroups"]], ["rules"])
