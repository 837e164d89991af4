//! Who answers at an address, and what it says of the others, asked without the driver, which has
//! connections for requests only to nodes that it reaches at what they announce.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use bytes::Bytes;
use scylla_cql::Consistency;
use scylla_cql::deserialize::row::ColumnIterator;
use scylla_cql::deserialize::value::DeserializeValue;
use scylla_cql::frame::protocol_features::ProtocolFeatures;
use scylla_cql::frame::request::query::{Query, QueryParameters};
use scylla_cql::frame::response::ResponseOpcode;
use scylla_cql::frame::response::result::{self, ResultWithDeserializedMetadata};
use tokio::io::{AsyncRead, AsyncWrite};
use uuid::Uuid;

use crate::handshake::{ask, shake_hands};
use crate::login::Login;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Introduction {
    pub(crate) host_id: Uuid,
    /// Which the nodes announce, its own too; none from Cassandra 3.11.
    pub(crate) ports: HashMap<Uuid, u16>,
}

pub(crate) async fn introduction(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    login: &Login,
) -> io::Result<Introduction> {
    shake_hands(&mut stream, login).await?;
    let local = "SELECT * FROM system.local WHERE key='local'";
    let answer = query(&mut stream, local).await?;
    let this = nodes(&answer, "rpc_port")?.pop();
    let this = this.ok_or_else(|| io::Error::other("the server does not tell which node it is"))?;
    let mut ports: HashMap<_, _> = this.port.map(|port| (this.id, port)).into_iter().collect();
    // Cassandra 3.11 has no such table.
    if let Ok(answer) = query(&mut stream, "SELECT * FROM system.peers_v2").await {
        let peers = nodes(&answer, "native_port")?;
        ports.extend(peers.iter().filter_map(|node| Some((node.id, node.port?))));
    }
    Ok(Introduction {
        host_id: this.id,
        ports,
    })
}

async fn query(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), cql: &str) -> io::Result<Bytes> {
    let query = Query {
        contents: Cow::Borrowed(cql),
        parameters: QueryParameters {
            consistency: Consistency::One,
            ..QueryParameters::default()
        },
    };
    match ask(stream, &query).await? {
        (ResponseOpcode::Result, rows) => Ok(rows),
        _ => Err(io::Error::other(
            "the server does not answer what it is asked",
        )),
    }
}

struct Row {
    id: Uuid,
    port: Option<u16>,
}

/// Of the rows that name a node; what they have depends on the server's version.
fn nodes(answer: &Bytes, port_column: &str) -> io::Result<Vec<Row>> {
    let features = ProtocolFeatures::default();
    let read = result::deserialize_with_features(answer.clone(), None, &features);
    let read = read.map_err(io::Error::other)?;
    let ResultWithDeserializedMetadata::Rows((rows, _)) =
        read.deserialize_metadata().map_err(io::Error::other)?
    else {
        return Err(io::Error::other("the server answers with no rows"));
    };
    let mut nodes = Vec::new();
    for row in rows
        .rows_iter::<ColumnIterator>()
        .map_err(io::Error::other)?
    {
        let (mut id, mut port) = (None, None);
        for column in row.map_err(io::Error::other)? {
            let column = column.map_err(io::Error::other)?;
            let (kind, value) = (column.spec.typ(), column.slice);
            match column.spec.name() {
                "host_id" => id = Option::deserialize(kind, value).map_err(io::Error::other)?,
                name if name == port_column => {
                    port = Option::<i32>::deserialize(kind, value).map_err(io::Error::other)?;
                }
                _ => {}
            }
        }
        if let Some(id) = id {
            nodes.push(Row {
                id,
                port: port.and_then(|port| u16::try_from(port).ok()),
            });
        }
    }
    Ok(nodes)
}
