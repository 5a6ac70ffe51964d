import asyncio
import json
from unittest import mock

from inr_keras.serving import json_bodies
from inr_keras.serving import json_process
from inr_keras.serving.status_codes import ServingError
from tests import testing

NAMES = {"": {"x": ""}}


class JsonProcessTest(testing.TestCase):
    def run_with(self, test):
        async def run():
            process = json_process.JsonProcess()
            try:
                await test(process)
            finally:
                process.close()

        asyncio.run(run())

    def test_it_reads_as_this_process_does(self):
        async def test(process):
            for document in ({"inputs": [1, 2]}, {"instances": ["a", "b"]}):
                body = json.dumps(document).encode()
                here = json_bodies.read(body, NAMES)
                with mock.patch.object(json_bodies, "read", side_effect=OSError):
                    there = await process.read(body, NAMES)
                self.assertEqual(there.rows, here.rows)
                self.assertEqual(
                    there.columns["x"].tolist(), here.columns["x"].tolist()
                )
                self.assertEqual(there.columns["x"].dtype, here.columns["x"].dtype)
            with self.assertRaisesRegex(ServingError, "JSON Parse error") as caught:
                await process.read(b"{", NAMES)
            self.assertEqual(caught.exception.http_status, 400)

        self.run_with(test)

    def test_one_that_died_is_replaced(self):
        async def test(process):
            body = b'{"inputs": [1]}'
            await process.read(body, NAMES)
            process._process.kill()
            process._process.wait()
            read = await process.read(body, NAMES)
            self.assertEqual(read.columns["x"].tolist(), [1])
            process.close()
            self.assertIsNotNone(process._process.wait(30))

        self.run_with(test)

    def test_it_needs_no_tensorflow(self):
        async def test(process):
            with mock.patch.object(
                json_process,
                "_PROGRAM",
                json_process._PROGRAM
                + "; assert not {{'tensorflow', 'keras'}} & sys.modules.keys()",
            ):
                await process.read(b'{"inputs": [1]}', NAMES)
            process._process.stdin.close()
            self.assertEqual(process._process.wait(30), 0)

        self.run_with(test)
