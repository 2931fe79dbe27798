"""The program of docs/endpoint.md prints what the page says."""

import pathlib
import re
import subprocess
import sys

from served import Served

PAGE = pathlib.Path(__file__).parents[4] / "docs" / "endpoint.md"


class Docs(Served):
    def test_the_example_sees_its_job_active(self):
        (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
        incoming = self.folder / "s3" / "incoming"
        incoming.mkdir()
        (incoming / "items.csv").write_text("ITEM_ID,PRICE\ni1,9.5\ni2,\n")
        program = program.replace("http://127.0.0.1:8787", self.url)
        self.assertIn(self.url, program)
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=self.environment)
        self.assertEqual((ran.stdout, ran.stderr), ("ACTIVE\n", ""))
        rows = self.restock("scan", str(self.folder / "store"), "shop/items", "--format", "csv")
        self.assertEqual(rows, "ITEM_ID,PRICE\ni1,9.5\ni2,\n")
