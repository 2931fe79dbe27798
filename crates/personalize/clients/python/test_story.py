"""The whole story: group, schema, dataset, FULL, put, INCREMENTAL, describe, list, export, deletion."""

import json
import datetime

from served import INTERACTIONS, ITEMS, REGION, ROLE, USERS, Served


class Story(Served):
    def rows(self, dataset, view="merged"):
        store = str(self.folder / "store")
        return self.restock("scan", store, dataset, "--view", view, "--format", "csv").splitlines()[1:]

    def test_a_catalogue_from_its_group_to_its_exports(self):
        group = self.group()
        self.assertEqual(group, f"arn:aws:personalize:{REGION}:123456789012:dataset-group/shop")
        described = self.personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]
        self.assertEqual((described["name"], described["status"]), ("shop", "ACTIVE"))
        self.assertIsInstance(described["creationDateTime"], datetime.datetime)
        items = self.dataset(group, "Items", ITEMS)
        self.assertTrue(items.endswith(":dataset/shop/ITEMS"), items)

        location = self.csv("items.csv", "ITEM_ID,GENRE,PRICE", "i1,Drama,1.5", "i2,Comedy,", "i3,Drama,3")
        job = self.import_csv("first", items, location)
        self.assertEqual((job["importMode"], job["datasetArn"]), ("FULL", items))
        self.assertEqual(self.rows("shop/items"), ["i1,Drama,1.5", "i2,Comedy,", "i3,Drama,3"])

        self.events.put_items(datasetArn=items, items=[
            {"itemId": "i2", "properties": json.dumps({"genre": "Mine", "price": "9.5"})},
            {"itemId": "i9", "properties": json.dumps({"genre": "New"})},
        ])
        changes = self.csv("changes/one.csv", "ITEM_ID,GENRE,PRICE", "i3,Action,4", "i4,Drama,5")
        self.assertEqual(self.import_csv("second", items, changes, "INCREMENTAL")["importMode"], "INCREMENTAL")
        self.assertEqual(
            sorted(self.rows("shop/items")),
            ["i1,Drama,1.5", "i2,Mine,9.5", "i3,Action,4", "i4,Drama,5", "i9,New,"],
        )

        for mode, rows in [("BULK", 4), ("PUT", 2), ("ALL", 5)]:
            arn = self.personalize.create_dataset_export_job(
                jobName=f"out-{mode}", datasetArn=items, ingestionMode=mode, roleArn=ROLE,
                jobOutput={"s3DataDestination": {"path": "s3://bucket/out/"}},
            )["datasetExportJobArn"]
            self.ended(lambda: self.personalize.describe_dataset_export_job(
                datasetExportJobArn=arn)["datasetExportJob"], "ACTIVE")
            lines = (self.bucket / "out" / f"out-{mode}" / "part-00000.csv").read_text().splitlines()
            self.assertEqual(lines[0], "ITEM_ID,GENRE,PRICE")
            self.assertEqual(len(lines) - 1, rows, lines)

        pages = self.personalize.get_paginator("list_dataset_import_jobs").paginate(
            datasetArn=items, PaginationConfig={"PageSize": 1})
        names = [job["jobName"] for page in pages for job in page["datasetImportJobs"]]
        self.assertEqual(names, ["second", "first"])

    def test_events_and_a_deletion(self):
        group = self.group()
        interactions = self.dataset(group, "Interactions", INTERACTIONS)
        self.dataset(group, "Users", USERS)
        tracker = self.personalize.create_event_tracker(name="clicks", datasetGroupArn=group)
        described = self.personalize.describe_event_tracker(
            eventTrackerArn=tracker["eventTrackerArn"])["eventTracker"]
        self.assertEqual(described["trackingId"], tracker["trackingId"])
        location = self.csv("clicks.csv", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE",
                            "u1,i1,100,view,", "u2,i1,200,view,1.5")
        self.import_csv("clicks", interactions, location)
        event = {"eventType": "buy", "itemId": "i2", "sentAt": 300, "eventId": "e1"}
        self.events.put_events(trackingId=tracker["trackingId"], sessionId="s1", eventList=[event])
        self.assertEqual(len(self.rows("shop/interactions")), 2)
        self.events.put_events(trackingId=tracker["trackingId"], sessionId="s1", userId="u2",
                               eventList=[{**event, "eventId": "e2", "sentAt": 301}])
        self.assertEqual(sorted(self.rows("shop/interactions", "individual")),
                         ["u2,i2,300,buy,", "u2,i2,301,buy,"])
        deleted = self.personalize.create_data_deletion_job(
            jobName="gone", datasetGroupArn=group, roleArn=ROLE,
            dataSource={"dataLocation": self.csv("gone/users.csv", "USER_ID", "u2")},
        )["dataDeletionJobArn"]
        job = self.ended(lambda: self.personalize.describe_data_deletion_job(
            dataDeletionJobArn=deleted)["dataDeletionJob"], "COMPLETED")
        self.assertEqual(job["numDeleted"], 1)
        self.assertEqual(self.rows("shop/interactions"), ["u1,i1,100,view,"])

    def test_the_command_line_client(self):
        group = self.group()
        items = self.dataset(group, "Items", ITEMS)
        location = self.csv("items.csv", "ITEM_ID,GENRE,PRICE", "i1,Drama,1.5")
        skeleton = json.loads(self.aws(
            "personalize", "create-dataset-import-job", "--generate-cli-skeleton", "input"))
        skeleton = {name: skeleton[name] for name in ("jobName", "datasetArn", "dataSource", "roleArn", "importMode")}
        skeleton.update(jobName="cli", datasetArn=items, roleArn=ROLE, importMode="FULL",
                        dataSource={"dataLocation": location})
        path = self.folder / "job.json"
        path.write_text(json.dumps(skeleton))
        made = json.loads(self.aws(
            "personalize", "create-dataset-import-job", "--cli-input-json", f"file://{path}"))
        self.assertIn("datasetImportJobArn", json.loads(self.aws(
            "personalize", "create-dataset-import-job", "--generate-cli-skeleton", "output",
            "--cli-input-json", f"file://{path}")))
        described = json.loads(self.aws(
            "personalize", "describe-dataset-import-job",
            "--dataset-import-job-arn", made["datasetImportJobArn"]))["datasetImportJob"]
        self.assertEqual(described["status"], "ACTIVE")
        error = self.aws("personalize", "describe-schema", "--schema-arn",
                         f"arn:aws:personalize:{REGION}:123456789012:schema/none", ok=False)
        self.assertIn("(ResourceNotFoundException) when calling the DescribeSchema operation", error)
