#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

namespace bytestore::testing {

/// An address at which something listens and nothing answers, for as long as it lives.
class SilentHost {
 public:
  enum class Kind {
    mute,  ///< connections are accepted, and nothing is ever said on them
    off,   ///< packets are swallowed, as by a machine that is switched off
  };

  /// On a free port, unless one is given.
  SilentHost(Kind kind, const std::string& host, std::uint16_t port = 0)
      : acceptor_(context_, {boost::asio::ip::make_address(host), port}) {
    if (kind == Kind::off) fill_backlog();
  }

  [[nodiscard]] std::string contact_point() const {
    const auto endpoint = acceptor_.local_endpoint();
    return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
  }

 private:
  using Tcp = boost::asio::ip::tcp;

  /// Once more connections wait than the backlog has room for, Linux drops what asks for another.
  void fill_backlog() {
    acceptor_.listen(0);
    for (int i = 0; i != 4; ++i) {
      Tcp::socket& filler = fillers_.emplace_back(context_);
      filler.async_connect(acceptor_.local_endpoint(), [](boost::system::error_code) {});
    }
  }

  boost::asio::io_context context_;
  Tcp::acceptor acceptor_;
  std::vector<Tcp::socket> fillers_;
};

}  // namespace bytestore::testing
