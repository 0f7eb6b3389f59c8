"""List a state on any worker: rates and predictors in, finished files out."""

import datetime as dt
import pickle
from dataclasses import dataclass

from flows.steps.kept.results import hash_code
from flows.steps.nation.held import unpack_held
from flows.steps.nation.lists import list_state
from flows.steps.nation.parcels import Parcel
from flows.steps.nation.parts import pack_listed
from flows.steps.nation.tables import finish_state
from models.curves.season_model import SeasonModel
from outreach.errors import SettingsError


@dataclass(frozen=True)
class ListRequest:
    """What the lists of all states depend on beside what is held of each.

    Parameters
    ----------
    season_model
        The archived season whose shapes are used.
    list_share
        Share of each county's tracts that its list has (0-1).
    deadline
        The day the forecast is for; ``None`` is the end of the archived season.
    """

    season_model: SeasonModel
    list_share: float
    deadline: dt.date | None


def list_parcel(parcel: Parcel, packed_request: bytes, code: str) -> bytes:
    """List the state of a parcel, and hand its lists in.

    Parameters
    ----------
    parcel
        The state.
    packed_request
        A pickled :class:`ListRequest`; as bytes, so that what carries it looks at no figure in it.
    code
        From :func:`flows.steps.kept.results.hash_code` where the request was made.

    Returns
    -------
    bytes
        What :meth:`Parcel.hand_in` answers.

    Raises
    ------
    SettingsError
        This worker has other code or other libraries, which could make other lists.
    """
    if code != hash_code():
        raise SettingsError(
            "A worker has another version of this program or of its libraries.",
            "Install the same on every machine, restart the workers, and run again.",
        )
    request: ListRequest = pickle.loads(packed_request)  # noqa: S301  as Dask loads this very call
    rates, held = parcel.open()
    lists = list_state(
        rates.read(),
        request.season_model,
        list_share=request.list_share,
        deadline=request.deadline,
        held=unpack_held(held),
    )
    return parcel.hand_in(pack_listed(finish_state(lists)))
