#include "proxy.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <span>
#include <utility>

namespace bytestore::cassandra {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Proxy::Link {
  explicit Link(tcp::socket accepted)
      : client(std::move(accepted)), server(client.get_executor()) {}

  void close() {
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }

  tcp::socket client;
  tcp::socket server;
  bool forgotten = false;
  std::array<char, 65536> upwards;
  std::array<char, 65536> downwards;
};

Proxy::Proxy(const std::string& host, std::uint16_t port, const std::string& listen_host,
             std::uint16_t listen_port)
    : acceptor_(context_, {asio::ip::make_address(listen_host), listen_port}),
      server_(asio::ip::make_address(host), port),
      port_(acceptor_.local_endpoint().port()) {
  accept();
  thread_ = std::thread([this] { context_.run(); });
}

Proxy::~Proxy() {
  context_.stop();
  thread_.join();
}

void Proxy::run(const std::function<void()>& change) {
  std::promise<void> done;
  asio::post(context_, [&] {
    change();
    done.set_value();
  });
  done.get_future().wait();
}

void Proxy::stall() {
  run([this] { stalled_ = true; });
}

void Proxy::forget() {
  run([this] {
    for (const auto& weak : links_) {
      const auto link = weak.lock();
      if (!link) continue;
      link->forgotten = true;
      forgotten_.push_back(link);
    }
  });
}

void Proxy::replace(std::string from, std::string to) {
  run([&] {
    replaced_ = std::move(from);
    replacement_ = std::move(to);
  });
}

void Proxy::cut() {
  run([this] {
    acceptor_.close();
    for (const auto& weak : links_) {
      if (const auto link = weak.lock()) link->close();
    }
  });
}

void Proxy::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (error) return;
    const auto link = std::make_shared<Link>(std::move(socket));
    link->server.connect(server_, error);
    if (!error) {
      links_.push_back(link);
      read(link, true);
      read(link, false);
    }
    accept();
  });
}

void Proxy::read(const std::shared_ptr<Link>& link, bool upwards) {
  tcp::socket& from = upwards ? link->client : link->server;
  auto& buffer = upwards ? link->upwards : link->downwards;
  from.async_read_some(
      asio::buffer(buffer),
      [this, link, upwards, &buffer](boost::system::error_code error, std::size_t size) {
        if (link->forgotten) return;
        if (error) return link->close();
        if (stalled_ && !upwards) return;  // the answer, and those after it, stay here
        if (upwards && !replaced_.empty()) {
          const std::span sent(buffer.data(), size);
          for (auto found = std::ranges::search(sent, replaced_); !found.empty();
               found = std::ranges::search(std::span(found.end(), sent.end()), replaced_)) {
            std::ranges::copy(replacement_, found.begin());
          }
        }
        tcp::socket& to = upwards ? link->server : link->client;
        asio::async_write(to, asio::buffer(buffer, size),
                          [this, link, upwards](boost::system::error_code failed, std::size_t) {
                            if (failed) return link->close();
                            read(link, upwards);
                          });
      });
}

}  // namespace bytestore::cassandra
