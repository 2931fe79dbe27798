"""What is refused, as botocore's own parsers read it."""

import json

from served import INTERACTIONS, ITEMS, REGION, ROLE, USERS, Served

ACCOUNT = f"arn:aws:personalize:{REGION}:123456789012"


class Refusals(Served):
    def test_names_that_are_taken_and_resources_that_are_not_there(self):
        client = self.personalize
        group = self.group()
        self.refused("ResourceAlreadyExistsException", client.create_dataset_group, name="shop")
        items = self.dataset(group, "Items", ITEMS)
        self.refused("ResourceAlreadyExistsException", client.create_schema, name="Items-schema",
                     schema=json.dumps(ITEMS))
        self.refused("ResourceAlreadyExistsException", client.create_dataset, name="more", datasetType="items",
                     schemaArn=f"{ACCOUNT}:schema/Items-schema", datasetGroupArn=group)
        for call, member, kind in [
            (client.describe_dataset_group, "datasetGroupArn", "dataset-group/none"),
            (client.delete_dataset_group, "datasetGroupArn", "dataset-group/none"),
            (client.describe_schema, "schemaArn", "schema/none"),
            (client.delete_schema, "schemaArn", "schema/none"),
            (client.describe_dataset, "datasetArn", "dataset/shop/USERS"),
            (client.delete_dataset, "datasetArn", "dataset/shop/USERS"),
            (client.describe_dataset_import_job, "datasetImportJobArn", "dataset-import-job/none"),
            (client.describe_dataset_export_job, "datasetExportJobArn", "dataset-export-job/none"),
            (client.describe_data_deletion_job, "dataDeletionJobArn", "data-deletion-job/none"),
            (client.describe_event_tracker, "eventTrackerArn", "event-tracker/00000000"),
            (client.delete_event_tracker, "eventTrackerArn", "event-tracker/00000000"),
            (client.list_tags_for_resource, "resourceArn", "dataset/shop/USERS"),
        ]:
            arn = f"{ACCOUNT}:{kind}"
            message = self.refused("ResourceNotFoundException", call, **{member: arn})
            self.assertIn(arn, message)
        self.refused("InvalidInputException", client.describe_dataset, datasetArn=group)
        self.refused("InvalidInputException", client.list_tags_for_resource,
                     resourceArn=f"{ACCOUNT}:schema/Items-schema")
        self.assertTrue(items)

    def test_constraints_name_their_member(self):
        client = self.personalize
        group = self.group()
        items = self.dataset(group, "Items", ITEMS)
        job = {"jobName": "j", "datasetArn": items, "dataSource": {"dataLocation": "s3://bucket/items.csv"}}
        for change, member in [
            ({"jobName": "not a name"}, "jobName"),
            ({"jobName": "x" * 64}, "jobName"),
            ({"datasetArn": "arn:aws:s3:::bucket"}, "datasetArn"),
            ({"dataSource": {"dataLocation": "ftp://bucket/x"}}, "dataSource.dataLocation"),
            ({"dataSource": {"dataLocation": "s3://" + "x" * 260}}, "dataSource.dataLocation"),
            ({"roleArn": "arn:aws:iam::12:role/x"}, "roleArn"),
            ({"importMode": "SOME"}, "importMode"),
        ]:
            message = self.refused("InvalidInputException", client.create_dataset_import_job, **{**job, **change})
            self.assertIn(f"'{member}'", message)
        message = self.refused("InvalidInputException", client.create_dataset_import_job,
                               **{**job, "dataSource": {"dataLocation": "https://bucket/x.csv"}})
        self.assertIn("Invalid Data location.", message)
        self.refused("InvalidInputException", client.create_schema, name="s", schema="{")
        self.refused("InvalidInputException", client.create_dataset, name="d", datasetType="Books",
                     schemaArn=f"{ACCOUNT}:schema/Items-schema", datasetGroupArn=group)
        self.refused("InvalidInputException", client.list_schemas, maxResults=101)
        self.refused("InvalidNextTokenException", client.list_schemas, nextToken="garbage")

    def test_what_is_in_use_stays(self):
        client = self.personalize
        group = self.group()
        interactions = self.dataset(group, "Interactions", INTERACTIONS)
        tracker = client.create_event_tracker(name="t", datasetGroupArn=group)["eventTrackerArn"]
        self.refused("ResourceAlreadyExistsException", client.create_event_tracker, name="u", datasetGroupArn=group)
        schema = f"{ACCOUNT}:schema/Interactions-schema"
        self.refused("ResourceInUseException", client.delete_schema, schemaArn=schema)
        self.refused("ResourceInUseException", client.delete_dataset, datasetArn=interactions)
        self.refused("ResourceInUseException", client.delete_dataset_group, datasetGroupArn=group)
        self.refused("InvalidInputException", client.update_dataset, datasetArn=interactions, schemaArn=schema)
        client.delete_event_tracker(eventTrackerArn=tracker)
        client.delete_dataset(datasetArn=f"{ACCOUNT}:dataset/shop/EVENT_INTERACTIONS")
        client.delete_dataset(datasetArn=interactions)
        client.delete_schema(schemaArn=schema)
        client.delete_dataset_group(datasetGroupArn=group)
        self.assertEqual(client.list_dataset_groups()["datasetGroups"], [])

    def test_jobs_that_cannot_be(self):
        client = self.personalize
        items = self.dataset(self.group(), "Items", ITEMS)
        location = self.csv("items.csv", "ITEM_ID,GENRE,PRICE", "i1,Drama,1", "i2,Drama,cheap")
        message = self.refused(
            "InvalidInputException", client.create_dataset_import_job, jobName="j", datasetArn=items,
            dataSource={"dataLocation": location}, importMode="INCREMENTAL")
        self.assertIn("FULL", message)
        failed = self.import_csv("bad", items, location, status="CREATE FAILED")
        for told in ("items.csv", "3", "PRICE", "cheap"):
            self.assertIn(told, failed["failureReason"])
        self.refused("ResourceAlreadyExistsException", client.create_dataset_import_job, jobName="bad",
                     datasetArn=items, dataSource={"dataLocation": location})
        missing = self.import_csv("missing", items, "s3://bucket/none.csv", status="CREATE FAILED")
        self.assertIn("s3://bucket/none.csv", missing["failureReason"])

    def test_events_that_cannot_be(self):
        group = self.group()
        users = self.dataset(group, "Users", USERS)
        bad = [{"userId": "u1", "properties": json.dumps({"age": 1})},
               {"userId": "u2", "properties": json.dumps({"shoeSize": 1})}]
        message = self.refused("InvalidInputException", self.events.put_users, datasetArn=users, users=bad)
        self.assertIn("shoeSize", message)
        self.refused("ResourceNotFoundException", self.events.put_items,
                     datasetArn=f"{ACCOUNT}:dataset/shop/ITEMS", items=[{"itemId": "i"}])
        self.refused("InvalidInputException", self.events.put_events, trackingId="none", sessionId="s",
                     eventList=[{"eventType": "e", "sentAt": 1}])
        # Not even the record before the bad one is there.
        self.assertEqual(self.restock("scan", str(self.folder / "store"), "shop/users", "--format", "csv"),
                         "USER_ID,AGE\n")

    def test_the_training_half(self):
        client = self.personalize
        for call, list_member in [
            (client.list_solutions, "solutions"), (client.list_campaigns, "campaigns"),
            (client.list_recommenders, "recommenders"), (client.list_filters, "Filters"),
            (client.list_recipes, "recipes"), (client.list_metric_attributions, "metricAttributions"),
        ]:
            self.assertEqual(call()[list_member], [])
        self.refused("ResourceNotFoundException", client.describe_campaign,
                     campaignArn=f"{ACCOUNT}:campaign/none")
        self.refused("UnknownOperationException", client.create_solution, name="s",
                     datasetGroupArn=f"{ACCOUNT}:dataset-group/shop")

    def test_tags(self):
        client = self.personalize
        group = self.group(tags=[{"tagKey": "team", "tagValue": "data"}])
        client.tag_resource(resourceArn=group, tags=[{"tagKey": "stage", "tagValue": ""}])
        client.untag_resource(resourceArn=group, tagKeys=["team"])
        self.assertEqual(client.list_tags_for_resource(resourceArn=group)["tags"],
                         [{"tagKey": "stage", "tagValue": ""}])
        many = [{"tagKey": f"k{number}", "tagValue": "v"} for number in range(51)]
        self.refused("TooManyTagsException", client.tag_resource, resourceArn=group, tags=many)
        self.refused("TooManyTagKeysException", client.untag_resource, resourceArn=group,
                     tagKeys=[f"k{number}" for number in range(51)])


class Paced(Served):
    OPTIONS = ("--states", "paced=150")

    def test_every_state_shows(self):
        client = self.personalize
        group = self.group()

        def status():
            return client.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"]

        seen = self.seen(status)
        self.assertEqual(seen, ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"])
        client.delete_dataset_group(datasetGroupArn=group)

        def deleting():
            try:
                return status()
            except client.exceptions.ResourceNotFoundException:
                return "gone"

        self.assertEqual(self.seen(deleting, last="gone"), ["DELETE PENDING", "DELETE IN_PROGRESS", "gone"])

    def seen(self, status, last="ACTIVE"):
        states = []
        while not states or states[-1] != last:
            now = status()
            if not states or states[-1] != now:
                states.append(now)
            self.assertLess(len(states), 6, states)
        return states
