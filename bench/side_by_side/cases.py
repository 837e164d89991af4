"""What is measured: a case is one verb over some keys, the same for all contenders."""

from dataclasses import dataclass

_UNITS = ((1 << 20, "MiB"), (1 << 10, "KiB"), (1_000, "KB"))


@dataclass(frozen=True)
class Case:
    verb: str  # mset, mget, mdelete or keys
    keys: int
    value_bytes: int
    call_keys: int = 1_000
    absent: bool = False  # the keys that are read are not there
    prefix: str = ""  # of the keys that are listed
    slow_keys: int = 0  # how many of them slow contenders handle; 0: all

    @property
    def name(self) -> str:
        """Tells cases of one workload apart."""
        what = f"{self.verb} {size(self.value_bytes)}"
        if self.verb == "keys":
            return f"{what}, {self.keys:,} keys" + (", by prefix" if self.prefix else "")
        return f"{what}, {self.keys:,} keys by {self.call_keys:,}" + (
            ", absent" if self.absent else ""
        )

    @property
    def reads(self) -> bool:
        """Whether runs leave the table as it is, so that they may share it."""
        return self.verb in ("mget", "keys")

    @property
    def needs_data(self) -> bool:
        return self.verb != "mset"

    def arguments(self) -> list[str]:
        """Of every contender's program."""
        numbers = {
            "--keys": self.keys,
            "--value-bytes": self.value_bytes,
            "--call-keys": self.call_keys,
        }
        words = [self.verb] + [word for name, n in numbers.items() for word in (name, str(n))]
        words += ["--absent"] if self.absent else []
        return words + (["--prefix", self.prefix] if self.prefix else [])


def size(count: int) -> str:
    for unit, name in _UNITS:
        if count >= unit and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} B"
