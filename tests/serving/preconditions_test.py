import socket

from inr_keras.serving import preconditions
from tests import testing


class ModelsTest(testing.TestCase):
    def test_folders(self):
        folder = self.temporary_folder()
        with self.assertRaisesRegex(ValueError, "`models` must be an existing.*none"):
            preconditions.check_models(folder / "none")
        for name in ("1", "v1"):
            (folder / "tiny" / name).mkdir(parents=True)
        with self.assertRaisesRegex(ValueError, "`models` must hold NAME/VERSION"):
            preconditions.check_models(folder)
        (folder / "tiny" / "v1" / "saved_model.pb").touch()
        with self.assertRaisesRegex(ValueError, "VERSION a whole number"):
            preconditions.check_models(folder)
        (folder / "tiny" / "1" / "saved_model.pb").touch()
        for wrong in (folder / "tiny", folder / "tiny" / "1"):
            above = rf"give the folder above.*, {folder}\. Received: '{wrong}'"
            with self.assertRaisesRegex(ValueError, above):
                preconditions.check_models(wrong)
        preconditions.check_models(folder)


class ListenTest(testing.TestCase):
    def test_a_port_is_taken_once(self):
        with preconditions.listen("127.0.0.1", 0) as listener:
            host, port = preconditions.address(listener)
            self.assertEqual(host, "127.0.0.1")
            with self.assertRaises(ConnectionRefusedError):  # Nobody would answer.
                socket.create_connection((host, port))
            listener.listen()
            socket.create_connection((host, port)).close()
            with self.assertRaisesRegex(ValueError, f"`port` must be .* use.*:{port}"):
                preconditions.listen(host, port)
        with self.assertRaisesRegex(ValueError, "`host` and.*no.such.host.invalid:80"):
            preconditions.listen("no.such.host.invalid", 80)

    def test_addresses_of_ipv6(self):
        class Listener:
            def getsockname(self):
                return "::1", 8501, 0, 0

        self.assertEqual(preconditions.address(Listener()), ("[::1]", 8501))
