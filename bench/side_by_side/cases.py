"""What is measured: a case is one verb over some keys, the same for all contenders."""

from dataclasses import dataclass, replace

_UNITS = ((1 << 20, "MiB"), (1 << 10, "KiB"), (1_000, "KB"))


@dataclass(frozen=True)
class Case:
    verb: str  # mset, mget, mdelete or keys
    keys: int
    value_bytes: int
    call_keys: int = 1_000
    callers: int = 1  # threads of a run that make its calls
    absent: bool = False  # the keys that are read are not there
    prefix: str = ""  # of the keys that are listed
    slow_keys: int = 0  # how many of them slow contenders handle; 0: all
    stored_keys: int = 0  # how many keys are there; 0: those of the case
    shuffled: bool = False  # the keys are taken in a random order
    cold: bool = False  # the files are not in memory, and no call is made before

    @property
    def name(self) -> str:
        """Tells cases of one workload apart."""
        what = f"{self.verb} {size(self.value_bytes)}, {self.keys:,} keys"
        if self.verb != "keys":
            what += f" by {self.call_keys:,}"
        if self.stored_keys > self.keys:
            what += f" of {self.stored_keys:,}"
        if self.callers > 1:
            what += f", {self.callers} threads"
        notes = {"absent": self.absent, "by prefix": self.prefix, "cold": self.cold}
        return ", ".join([what, *(note for note, applies in notes.items() if applies)])

    @property
    def reads(self) -> bool:
        """Whether runs leave the table as it is, so that they may share it."""
        return self.verb in ("mget", "keys")

    @property
    def needs_data(self) -> bool:
        return self.verb != "mset"

    @property
    def filling(self) -> "Case":
        """What stores the keys that must be there."""
        keys = max(self.keys, self.stored_keys)
        return Case("mset", keys, self.value_bytes, shuffled=self.shuffled)

    def of_slow(self) -> "Case":
        """What slow contenders do of it."""
        if not self.slow_keys:
            return self
        return replace(self, keys=self.slow_keys, stored_keys=min(self.stored_keys, self.slow_keys))

    def arguments(self) -> list[str]:
        """Of every contender's program."""
        numbers = {
            "--keys": self.keys,
            "--value-bytes": self.value_bytes,
            "--call-keys": self.call_keys,
        }
        words = [self.verb] + [word for name, n in numbers.items() for word in (name, str(n))]
        words += ["--stored-keys", str(self.stored_keys)] if self.stored_keys else []
        words += ["--callers", str(self.callers)] if self.callers > 1 else []
        flags = {"--absent": self.absent, "--shuffled": self.shuffled, "--cold": self.cold}
        words += [flag for flag, given in flags.items() if given]
        return words + (["--prefix", self.prefix] if self.prefix else [])


def size(count: int) -> str:
    for unit, name in _UNITS:
        if count >= unit and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} B"
