#pragma once

/// Defines the asynchronous members of `CassandraSession` and `CassandraByteStore`. Include this
/// header where you call them.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "bytestore/async.hpp"
#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_session.hpp"
#include "bytestore/detail/completion.hpp"

namespace bytestore {

namespace detail {

using SessionCompletion = Completion<std::shared_ptr<CassandraSession>>;
extern template class Completion<std::shared_ptr<CassandraSession>>;

/// Returns the library's executor, which runs handlers that have no associated executor.
boost::asio::any_io_executor library_executor();

void start_connect(const CassandraSessionOptions& options, SessionCompletion completion);
void start_ensure_db_setup(std::shared_ptr<core::Store> store,
                           std::shared_ptr<cassandra::Table> table, WriteCompletion completion);

}  // namespace detail

template <typename Token>
auto CassandraSession::aconnect(CassandraSessionOptions options, Token&& token) {
  return boost::asio::async_initiate<Token,
                                     void(std::exception_ptr, std::shared_ptr<CassandraSession>)>(
      [](auto handler, const CassandraSessionOptions& owned_options) {
        detail::SessionCompletion completion(std::move(handler), detail::library_executor());
        detail::start_connect(owned_options, std::move(completion));
      },
      token, std::move(options));
}

template <typename Token>
auto CassandraByteStore::aensure_db_setup(Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr)>(
      [](auto handler, std::shared_ptr<core::Store> store,
         std::shared_ptr<cassandra::Table> table) {
        detail::WriteCompletion completion(std::move(handler), detail::callback_executor(*store));
        detail::start_ensure_db_setup(std::move(store), std::move(table), std::move(completion));
      },
      token, store(), table_);
}

}  // namespace bytestore
