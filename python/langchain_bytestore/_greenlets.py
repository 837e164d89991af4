"""How blocking verbs wait in a process that gevent has patched: other greenlets run meanwhile."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Dict, Optional, Set, Tuple, Union

from langchain_bytestore import _native


def are_in() -> bool:
    """Returns whether gevent has patched this process, so that what waits must let greenlets run."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("socket"))


def connect(options: Dict[str, Any]) -> _native.Session:
    """Connects a session."""
    hub = _hub()
    if hub is None:
        return _native.connect(options)
    session: _native.Session = _wait(hub, _native.aconnect, options)
    return session


def open_table(
    table: str, session: _native.Session, options: Dict[str, Any]
) -> _native.CassandraStore:
    """Opens a store on Cassandra."""
    hub = _hub()
    if hub is None or options["setup_mode"] != "SYNC":
        return _native.CassandraStore(table, session, options)
    store = _native.CassandraStore(table, session, {**options, "setup_mode": "ASYNC"})
    try:
        _wait(hub, store.aensure_db_setup)
    except BaseException:
        store.interrupt()
        raise
    return store


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls what has no asynchronous form, on a thread if greenlets must run meanwhile."""
    hub = _hub()
    if hub is None:
        return function(*arguments)
    # The pool writes what is raised on it to standard error, besides raising it here.
    result, error = hub.threadpool.apply(_outcome_of, (function, arguments))
    try:
        if error is not None:
            raise error
        return result
    finally:
        del error  # as in _wait


def _outcome_of(
    function: Callable[..., Any], arguments: Tuple[Any, ...]
) -> Tuple[Any, Optional[BaseException]]:
    try:
        return function(*arguments), None
    except BaseException as error:  # noqa: BLE001 -- it is raised where the greenlet waits
        return None, error


class Pages:
    """A listing of keys whose steps let other greenlets run."""

    def __init__(self, native: _native.KeyPages, store: _native.Store) -> None:
        self._native = native
        self._store = store
        self.cancel = native.cancel

    def next_page(self) -> Any:
        """Returns the next page; an empty one is the end."""
        hub = _hub()
        if hub is None:
            return self._native.next_page()
        self._store.check_ready()
        return _wait(hub, self._native.anext_page)


class Verbs:
    """The blocking verbs of a native store, which let other greenlets run while they wait."""

    def __init__(self, native: _native.Store) -> None:
        self._native = native

    def mget(self, keys: object, deadline: Optional[float]) -> Any:
        """As the native store's."""
        return self._call(self._native.mget, self._native.amget, keys, deadline)

    def mset(self, entries: object, deadline: Optional[float]) -> None:
        """As the native store's."""
        self._call(self._native.mset, self._native.amset, entries, deadline)

    def mdelete(self, keys: object, deadline: Optional[float]) -> None:
        """As the native store's."""
        self._call(self._native.mdelete, self._native.amdelete, keys, deadline)

    def estimate_keys(self, deadline: Optional[float]) -> Any:
        """As the native store's."""
        return self._call(self._native.estimate_keys, self._native.aestimate_keys, deadline)

    def close(self, seconds: float) -> None:
        """As the native store's. If the greenlet is killed, the calls in flight are cancelled."""
        hub = _hub()
        if hub is None:
            return self._native.close(seconds)
        try:
            _wait(hub, self._native.aclose, seconds)
        except BaseException:
            self._native.interrupt()
            raise

    def _call(
        self, blocking: Callable[..., Any], asynchronous: Callable[..., Any], *arguments: Any
    ) -> Any:
        hub = _hub()
        if hub is None:
            return blocking(*arguments)
        self._native.check_ready()
        return _wait(hub, asynchronous, *arguments)


def verbs_of(native: _native.Store) -> Union[_native.Store, Verbs]:
    """Returns what has the blocking verbs of a store in this process."""
    return Verbs(native) if are_in() else native


def pages_of(native: _native.Store, prefix: Optional[str]) -> Union[_native.KeyPages, Pages]:
    """Returns a listing of the keys of a store."""
    if are_in():
        return Pages(_native.KeyPages(native, prefix), native)
    return _native.KeyPages(native, prefix, reads_ahead=True)


def _hub() -> Any:
    """Returns the hub that runs other greenlets of this thread while this one waits.

    It is None if there is nothing to run: gevent has not patched the process, the thread has no
    greenlets, or the hub itself makes the call.
    """
    if not are_in():
        return None
    import gevent
    from gevent._hub_local import get_hub_if_exists

    hub = get_hub_if_exists()
    return None if gevent.getcurrent() is hub else hub


class _Call:
    """A call that a greenlet waits for.

    It is in place of the event loop to which the native module passes the outcome of the call.
    """

    def __init__(self, hub: Any) -> None:
        from gevent.hub import Waiter

        self.is_of_parent = False  # the process was forked meanwhile
        self._hub = hub
        self._lock = _lock()
        self._outcome: Optional[Tuple[Any, Optional[BaseException]]] = None
        self._waiter = Waiter(hub)
        self._watcher: Any = hub.loop.async_()
        self._watcher.start(self._waiter.switch, None)
        _waiting.add(self)

    def call_soon_threadsafe(
        self, _settle: object, result: Any, error: Optional[BaseException]
    ) -> None:
        """Takes the outcome, on any thread."""
        with self._lock:
            if self._watcher is not None:  # otherwise nobody waits for it any more
                self._outcome = result, error
                self._watcher.send()

    def is_closed(self) -> bool:
        """Returns whether the hub has ended, and its loop with it."""
        return self._hub.loop is None or self._hub.dead

    def wait(self) -> Tuple[Any, Optional[BaseException]]:
        """Lets other greenlets run until the outcome is there, and returns it."""
        self._waiter.get()
        outcome, self._outcome = self._outcome, None
        assert outcome is not None
        return outcome

    def close(self) -> None:
        """Must be called once, by the greenlet."""
        _waiting.discard(self)
        with self._lock:
            watcher, self._watcher = self._watcher, None
            if not self.is_closed():
                watcher.stop()
                watcher.close()

    def end_in_child(self) -> None:
        """Ends the wait in a forked child, to which no thread passes the outcome."""
        self.is_of_parent = True
        self._lock = _lock()  # a thread that is not there may hold it
        error = RuntimeError("the process was forked during the call")
        self.call_soon_threadsafe(None, None, error)


def _wait(hub: Any, start: Callable[..., Optional[_native.Operation]], *arguments: Any) -> Any:
    """Calls `start(*arguments, loop, settle)` and waits for what is passed to the loop.

    If the greenlet is killed, or a timeout of gevent ends the wait, the work is cancelled.
    """
    call = _Call(hub)
    operation = error = None
    is_done = False
    try:
        operation = start(*arguments, call, call)
        result, error = call.wait()
        is_done = True
        if error is not None:
            raise error
        return result
    finally:
        call.close()
        if not is_done and operation is not None and not call.is_of_parent:
            operation.cancel()
        # The exception refers to this frame. If the frame also referred to the exception, both, and
        # the values in it, would live until the next garbage collection.
        del error


def _lock() -> Any:
    """Returns a lock of threads, as it is without gevent: threads of the library take it too."""
    from gevent.monkey import get_original

    return get_original("_thread", "allocate_lock")()


_waiting: Set[_Call] = set()


def _end_in_child() -> None:
    for each in list(_waiting):
        each.end_in_child()


os.register_at_fork(after_in_child=_end_in_child)
