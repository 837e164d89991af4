#pragma once

#include <chrono>
#include <memory>

#include "cassandra/driver/port.hpp"
#include "cassandra/table/server_check.hpp"

namespace bytestore::cassandra {

/// Asks whether ranges of Murmur3 tokens are ranges of this cluster: by another partitioner a
/// listing of such ranges leaves keys out, without an error of a server. The refusal is `schema`,
/// and names the partitioner, or says that the servers do not tell it. Holds on to the session
/// until it needs it no more. `timeout` is that of the request; 0: the session's.
void check_partitioner(std::shared_ptr<Querier> servers, std::chrono::milliseconds timeout,
                       RefusalSink& sink);

}  // namespace bytestore::cassandra
