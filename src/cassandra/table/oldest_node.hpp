#pragma once

#include <chrono>
#include <memory>

#include "cassandra/driver/port.hpp"
#include "cassandra/session/questions.hpp"
#include "cassandra/session/session_use.hpp"

namespace bytestore::cassandra {

/// Has `questions` ask one of the reachable nodes that have the oldest release, where there are
/// several releases and they become known: during an upgrade, nodes learn of a table that an older
/// one makes, and do not understand what a newer one tells them of it. The sink gets no rows, and
/// never an error.
void prefer_oldest_node(const SessionUse& use, std::shared_ptr<Questions> questions,
                        std::chrono::milliseconds timeout, RowsSink& sink);

}  // namespace bytestore::cassandra
