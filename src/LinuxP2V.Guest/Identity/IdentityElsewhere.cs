using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Identity;

/// <summary>Identities that other systems know the machine by, and that only they can change.</summary>
internal static class IdentityElsewhere
{
    private static readonly (string Path, string What)[] Places =
    [
        ("/etc/krb5.keytab", "a Kerberos keytab"),
        ("/var/lib/samba/private/secrets.tdb", "a membership in a Windows domain"),
        ("/etc/pki/consumer/cert.pem", "a registration with Red Hat"),
        ("/etc/sysconfig/rhn/systemid", "a registration with Spacewalk"),
        ("/etc/zypp/credentials.d/SCCcredentials", "a registration with SUSE"),
        ("/var/lib/ubuntu-advantage/private/machine-token.json", "a registration with Ubuntu Pro"),
        ("/etc/puppetlabs/puppet/ssl/private_keys", "a Puppet certificate"),
        ("/var/lib/puppet/ssl/private_keys", "a Puppet certificate"),
        ("/etc/salt/pki/minion/minion.pem", "a Salt key"),
        ("/etc/chef/client.pem", "a Chef key"),
        ("/etc/iscsi/initiatorname.iscsi", "an iSCSI initiator name"),
        ("/etc/nvme/hostid", "an NVMe host id"),
        ("/etc/openvpn", "OpenVPN keys"),
        ("/etc/wireguard", "WireGuard keys"),
        ("/var/lib/tailscale/tailscaled.state", "a Tailscale node"),
        ("/etc/corosync/corosync.conf", "a cluster's node"),
    ];

    public static void Report(GuestContext context)
    {
        var found = Places.Where(place => Has(context.Files, place.Path)).ToList();
        if (found.Count == 0)
            return;

        context.Warn(
            "IdentityElsewhere",
            string.Join(", ", found.Select(place => place.Path)),
            $"The copy keeps what other systems know its source by: {string.Join(", ", found.Select(place => place.What).Distinct())}.",
            "Register the VM anew there, or remove it, before both machines run."
        );
    }

    private static bool Has(GuestTree files, string path) =>
        files.FileExists(path) || (files.FolderExists(path) && files.Files(path).Count > 0);
}
