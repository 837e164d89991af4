import com.sun.tools.attach.VirtualMachine;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Has the Cassandra of a process of this user leave its cluster; returns when it has. */
class Decommission {
  public static void main(String[] pid) throws Exception {
    var address = VirtualMachine.attach(pid[0]).startLocalManagementAgent();
    try (var connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
      var storage = new ObjectName("org.apache.cassandra.db:type=StorageService");
      var force = new Object[] {true}; // also if fewer nodes are left than there are replicas
      connector.getMBeanServerConnection().invoke(
          storage, "decommission", force, new String[] {"boolean"});
    }
  }
}
