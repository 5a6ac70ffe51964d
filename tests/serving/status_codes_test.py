import grpc

from inr_keras.serving import status_codes
from tests import testing


class StatusesTest(testing.TestCase):
    def test_codes_are_those_of_grpc(self):
        numbers = {code.name: code.value[0] for code in grpc.StatusCode}
        ours = {name: number for name, (number, _) in status_codes.CODES.items()}
        self.assertEqual(ours, numbers)
        for name, number in numbers.items():
            self.assertEqual(status_codes.code_name(number), name)
        self.assertEqual(status_codes.code_name(99), "UNKNOWN")

    def test_errors(self):
        error = status_codes.invalid("wrong")
        self.assertEqual((error.code, error.http_status), ("INVALID_ARGUMENT", 400))
        error = status_codes.ServingError("INVALID_ARGUMENT", "large", 413)
        self.assertEqual((str(error), error.http_status), ("large", 413))
