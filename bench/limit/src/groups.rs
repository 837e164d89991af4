//! Which keys share a request.

/// Keys that one request reads or deletes at most.
pub(crate) const READ_KEYS: usize = 32;
/// Bytes of an answer.
pub(crate) const ANSWER_BYTES: usize = 1 << 20;
/// Rows of an unlogged batch at most.
pub(crate) const BATCH_ROWS: usize = 10;
/// Bytes of an unlogged batch at most, as the server counts them, and what a row adds to its own.
pub(crate) const BATCH_BYTES: usize = 5_000;
pub(crate) const ROW_BYTES: usize = 64;

/// Keys, by position, that the same nodes hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) set: usize,
    pub(crate) positions: Vec<usize>,
}

/// Of one request at most. A request has one key however large.
#[derive(Clone, Copy)]
pub(crate) struct Caps {
    pub(crate) keys: usize,
    pub(crate) bytes: usize,
}

/// `keys` are positions with the number of their replica set and their bytes.
pub(crate) fn group(
    keys: impl Iterator<Item = (usize, usize, usize)>,
    sets: usize,
    caps: Caps,
) -> Vec<Group> {
    let mut done = Vec::new();
    let mut open: Vec<(Vec<usize>, usize)> = vec![(Vec::new(), 0); sets];
    for (position, set, bytes) in keys {
        let (positions, held) = &mut open[set];
        if !positions.is_empty() && *held + bytes > caps.bytes {
            done.push(Group {
                set,
                positions: std::mem::take(positions),
            });
            *held = 0;
        }
        positions.push(position);
        *held += bytes;
        if positions.len() == caps.keys {
            done.push(Group {
                set,
                positions: std::mem::take(positions),
            });
            *held = 0;
        }
    }
    for (set, (positions, _)) in open.into_iter().enumerate() {
        if !positions.is_empty() {
            done.push(Group { set, positions });
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::{Caps, Group, group};

    fn grouped(keys: &[(usize, usize, usize)], caps: Caps) -> Vec<Group> {
        group(keys.iter().copied(), 2, caps)
    }

    fn of(set: usize, positions: &[usize]) -> Group {
        Group {
            set,
            positions: positions.to_vec(),
        }
    }

    #[test]
    fn keys_of_a_set_share_requests_under_the_caps() {
        let keys = [
            (0, 0, 1),
            (1, 1, 1),
            (2, 0, 1),
            (3, 0, 1),
            (4, 0, 9),
            (5, 0, 1),
        ];
        let caps = Caps { keys: 2, bytes: 5 };
        let wanted = [
            of(0, &[0, 2]),
            of(0, &[3]),
            of(0, &[4]),
            of(0, &[5]),
            of(1, &[1]),
        ];
        assert_eq!(grouped(&keys, caps), wanted);
    }
}
