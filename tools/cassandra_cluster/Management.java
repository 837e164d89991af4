import com.sun.tools.attach.VirtualMachine;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Has the Cassandra of a process of this user do what a verb of nodetool does; returns when it has. */
class Management {
  public static void main(String[] arguments) throws Exception {
    var pid = arguments[0];
    var verb = arguments[1];
    var address = VirtualMachine.attach(pid).startLocalManagementAgent();
    try (var connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
      var server = connector.getMBeanServerConnection();
      switch (verb) {
        case "decommission" -> {
          var force = new Object[] {true}; // also if fewer nodes are left than there are replicas
          var storage = new ObjectName("org.apache.cassandra.db:type=StorageService");
          server.invoke(storage, verb, force, new String[] {"boolean"});
        }
        case "reloadssl" -> {
          var messaging = new ObjectName("org.apache.cassandra.net:type=MessagingService");
          server.invoke(messaging, "reloadSslCertificates", null, null);
        }
        default -> throw new IllegalArgumentException(verb);
      }
    }
  }
}
