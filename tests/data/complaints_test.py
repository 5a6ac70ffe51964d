import pickle

from inr_keras.data import complaints


def test_kinds_are_of_one_list():
    assert not complaints.UNUSABLE.keys() & complaints.NOTED.keys()
    assert set(complaints.DOUBTFUL) <= complaints.NOTED.keys()


def test_errors_keep_their_kind_between_processes():
    error = complaints.UnreadableImageError("empty file", "empty")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.kind) == ("empty file", "empty")
    assert complaints.UnreadableImageError("odd").kind in complaints.UNUSABLE
