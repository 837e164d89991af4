#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "cassandra/driver/port.hpp"
#include "cassandra/ring/ring.hpp"
#include "cassandra/table/server_check.hpp"

namespace bytestore::cassandra {

/// Gets the partitioner that a server told, before the sink gets the answer.
using PartitionerTold = std::function<void(Partitioner)>;

/// Asks for the partitioner, and whether its ring is known: on another ring a listing would leave
/// keys out, without an error of a server. The refusal is `schema`, and names the partitioner, or
/// says that the servers do not tell it. Holds on to the session until it needs it no more.
/// `timeout` is that of the request; 0: the session's.
void check_partitioner(std::shared_ptr<Querier> servers, std::chrono::milliseconds timeout,
                       PartitionerTold told, RefusalSink& sink);

}  // namespace bytestore::cassandra
