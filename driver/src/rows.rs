//! The rows of one response, left where the network put them.

use bytes::Bytes;
use scylla::deserialize::row::ColumnIterator;
use scylla::response::PagingStateResponse;
use scylla::response::query_result::QueryResult;

use crate::bridge::ffi::{Cell, Failure};
use crate::failure;

/// One page. Shares the frame of its response and refers to nothing else: it outlives its session.
#[derive(Default)]
pub(crate) struct Rows {
    frame: Bytes,
    cells: Vec<Cell>,
    columns: usize,
    paging_state: Vec<u8>,
    warnings: Vec<String>,
}

const NULL: Cell = Cell {
    offset: 0,
    length: -1,
};

impl Rows {
    /// `paging` is `None` for a request that was not paged.
    pub(crate) fn new(
        result: QueryResult,
        paging: Option<PagingStateResponse>,
    ) -> Result<Self, Failure> {
        let warnings = result.warnings().map(str::to_owned).collect();
        let mut rows = Self {
            warnings,
            ..Self::default()
        };
        if let Some(PagingStateResponse::HasMorePages { state }) = paging
            && let Some(state) = state.as_bytes_slice()
        {
            rows.paging_state = state.to_vec();
        }
        if result.is_rows() {
            let result = result.into_rows_result().map_err(failure::of_response)?;
            rows.columns = result.column_specs().len();
            rows.cells.reserve(rows.columns * result.rows_num());
            for row in result
                .rows::<ColumnIterator>()
                .map_err(failure::of_response)?
            {
                for column in row.map_err(failure::of_response)? {
                    let slice = column.map_err(failure::of_response)?.slice;
                    let Some(slice) = slice else {
                        rows.cells.push(NULL);
                        continue;
                    };
                    if rows.frame.is_empty() {
                        rows.frame = slice.as_original_frame_bytes().clone();
                    }
                    rows.cells.push(locate(&rows.frame, slice.as_slice()));
                }
            }
        }
        Ok(rows)
    }

    pub(crate) fn frame(&self) -> &[u8] {
        &self.frame
    }

    /// Row by row, `columns` of them each.
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Empty after the last page.
    pub(crate) fn paging_state(&self) -> &[u8] {
        &self.paging_state
    }

    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Where `part` lies in `frame`, of which it is a part. The protocol keeps both under 2 GiB.
fn locate(frame: &[u8], part: &[u8]) -> Cell {
    let offset = part.as_ptr().addr() - frame.as_ptr().addr();
    Cell {
        offset: offset as u32,
        length: part.len() as i32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_in_its_frame() {
        let frame = b"0123456789";
        assert_eq!(
            locate(frame, &frame[3..7]),
            Cell {
                offset: 3,
                length: 4
            }
        );
        assert_eq!(
            locate(frame, &frame[10..]),
            Cell {
                offset: 10,
                length: 0
            }
        );
    }
}
