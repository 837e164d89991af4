#include "cassandra/session_core.hpp"

#include <exception>

namespace bytestore::cassandra {

void start_sending(const std::shared_ptr<SessionCore>& session,
                   std::shared_ptr<Window::Sender> sender) noexcept {
  if (!session->window().queue(std::move(sender))) return;  // who makes room sends
  try {
    session->driver().run_on_driver([session] { session->window().send(); });
  } catch (const std::exception&) {
    session->window().send();  // and each request tells what is wrong
  }
}

}  // namespace bytestore::cassandra
