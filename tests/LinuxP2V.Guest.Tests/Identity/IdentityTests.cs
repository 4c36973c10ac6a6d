using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Identity;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Identity;

/// <summary>A copy that becomes a machine of its own, and one that gets another host name.</summary>
public sealed class IdentityTests
{
    private const string Id = "0123456789abcdef0123456789abcdef";
    private static readonly GuestIdentity New = new() { IsNew = true };

    [Fact]
    public void Nothing_changes_unless_it_is_asked_for()
    {
        var plan = Plan(
            new GuestIdentity(),
            ("/etc/machine-id", Id + "\n"),
            ("/etc/ssh/ssh_host_rsa_key", "x"),
            ("/usr/bin/ssh-keygen", "x")
        );
        Assert.Empty(plan.Changes);
        Assert.Empty(plan.Findings);
    }

    [Fact]
    public void Under_systemd_the_machine_id_is_emptied_and_without_it_removed()
    {
        var plan = Plan(New, ("/etc/machine-id", Id + "\n"), ("/var/lib/dbus/machine-id", Id), ("/usr/lib/systemd/systemd", "x"));
        Assert.Equal("", Text(plan, "/etc/machine-id"));
        Assert.Contains(plan.Changes, change => change is FileRemoval { Path: "/var/lib/dbus/machine-id", IsSecret: false });
        Assert.Contains(Plan(New, ("/etc/machine-id", Id)).Changes, change => change is FileRemoval { Path: "/etc/machine-id" });
    }

    [Fact]
    public void A_link_of_D_Bus_to_the_machine_id_stays()
    {
        var store = GuestFiles.Store(("/etc/machine-id", Id), ("/lib/systemd/systemd", "x"));
        store.Add(new GuestEntry("/var/lib/dbus/machine-id", EntryKind.Link, 0, "/etc/machine-id"));
        Assert.DoesNotContain(Plan(New, store).Changes, change => change.Subject == "/var/lib/dbus/machine-id");
    }

    [Theory]
    [InlineData($"/boot/loader/entries/{Id}-5.14.0-1.conf", true)]
    [InlineData($"/efi/{Id}/5.14.0-1/linux", true)]
    [InlineData("/boot/loader/entries/debian-5.14.0-1.conf", false)]
    public void Boot_entries_that_bear_the_id_keep_their_names(string path, bool isKept)
    {
        var store = GuestFiles.Store(("/etc/machine-id", Id + "\n"), ("/lib/systemd/systemd", "x"), (path, "x"));
        store.Add(new GuestEntry($"/efi/{Id}", EntryKind.Folder));
        if (!path.StartsWith("/efi", StringComparison.Ordinal))
            store = GuestFiles.Store(("/etc/machine-id", Id + "\n"), ("/lib/systemd/systemd", "x"), (path, "x"));

        var plan = Plan(New, store);
        Assert.Equal(isKept ? Id + "\n" : null, Text(plan, "/etc/kernel/entry-token"));
        Assert.Equal(isKept, plan.Findings.Any(finding => finding.Id == "BootEntriesKeepTheirNames"));
    }

    [Fact]
    public void Host_keys_are_made_anew_of_the_same_kinds_and_leave_no_original()
    {
        var plan = Plan(
            New,
            ("/usr/bin/ssh-keygen", "x"),
            ("/etc/ssh/ssh_host_rsa_key", "x"),
            ("/etc/ssh/ssh_host_rsa_key.pub", "x"),
            ("/etc/ssh/ssh_host_ed25519_key", "x"),
            ("/etc/ssh/ssh_host_ed25519_key-cert.pub", "x"),
            ("/etc/ssh/ssh_host_dsa_key", "x"),
            ("/etc/ssh/ssh_host_key", "x"),
            ("/etc/ssh/moduli", "x")
        );
        string[] keys = ["dsa_key", "ed25519_key", "key", "rsa_key"];
        Assert.Equal(
            keys.Select(key => "/etc/ssh/ssh_host_" + key),
            plan.Changes.OfType<FileRemoval>().Where(change => change.IsSecret).Select(change => change.Path)
        );
        var made = plan.Changes.OfType<HostKeyBuild>().ToList();
        Assert.Equal(["/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"], made.Select(change => change.Path));
        Assert.Equal(["-q", "-N", "", "-t", "rsa", "-f", "/etc/ssh/ssh_host_rsa_key"], made[1].Arguments);
        Assert.Contains(plan.Changes, change => change is FileRemoval { Path: "/etc/ssh/ssh_host_ed25519_key-cert.pub" });
        Assert.DoesNotContain(plan.Changes, change => change.Subject == "/etc/ssh/moduli");
    }

    [Fact]
    public void Keys_that_cannot_be_made_stay_and_are_told()
    {
        var plan = Plan(
            New,
            ("/etc/ssh/ssh_host_rsa_key", "x"),
            ("/etc/ssh/sshd_config", "HostKey /etc/ssh/ssh_host_rsa_key\nHostKey /opt/keys/host\n")
        );
        Assert.Empty(plan.Changes);
        Assert.Equal(["/etc/ssh/ssh_host_rsa_key", "/opt/keys/host"], plan.Findings.Select(finding => finding.Subject));
        Assert.All(plan.Findings, finding => Assert.Equal("HostKeysKept", finding.Id));
    }

    [Fact]
    public void Dropbear_makes_its_own_keys()
    {
        var plan = Plan(New, ("/usr/bin/dropbearkey", "x"), ("/etc/dropbear/dropbear_ed25519_host_key", "x"));
        var made = Assert.Single(plan.Changes.OfType<HostKeyBuild>());
        Assert.Equal(["-t", "ed25519", "-f", "/etc/dropbear/dropbear_ed25519_host_key"], made.Arguments);
    }

    [Theory]
    [InlineData("/var/lib/dhcp/dhclient.eth0.leases")]
    [InlineData("/var/lib/NetworkManager/internal-0123-eth0.lease")]
    [InlineData("/var/lib/NetworkManager/secret_key")]
    [InlineData("/var/lib/wicked/duid.xml")]
    [InlineData("/etc/dhcpcd.duid")]
    [InlineData("/var/lib/systemd/random-seed")]
    public void What_the_machine_is_known_by_goes(string path) =>
        Assert.Equal([path], Plan(New, (path, "x")).Changes.OfType<FileRemoval>().Select(change => change.Path));

    [Theory]
    [InlineData("/etc/dhcp/dhclient.conf", "send dhcp-client-identifier 1:2:3;\n", "DhcpIdentityConfigured")]
    [InlineData("/etc/NetworkManager/system-connections/a.nmconnection", "[ipv4]\ndhcp-client-id=web01\n", "DhcpIdentityConfigured")]
    [InlineData("/etc/krb5.keytab", "x", "IdentityElsewhere")]
    [InlineData("/etc/puppetlabs/puppet/ssl/private_keys/web01.pem", "x", "IdentityElsewhere")]
    public void What_the_admin_must_change_is_a_finding(string path, string text, string id)
    {
        var store = GuestFiles.Store((path, text));
        store.Add(new GuestEntry(path[..path.LastIndexOf('/')], EntryKind.Folder));
        var plan = Plan(New, store);
        Assert.Empty(plan.Changes);
        Assert.Equal(id, Assert.Single(plan.Findings).Id);
    }

    [Fact]
    public void The_host_name_is_written_where_the_source_has_it()
    {
        var plan = Plan(
            new GuestIdentity { HostName = "shop.example.org" },
            ("/etc/hostname", "web01\n"),
            ("/etc/mailname", "web01.example.com\n"),
            ("/etc/sysconfig/network", "NETWORKING=yes\nHOSTNAME=web01.example.com # ours\n"),
            ("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tweb01.example.com web01 # web01\n192.0.2.9 web010 web01-db\n# web01\n")
        );
        Assert.Equal("shop.example.org\n", Text(plan, "/etc/hostname"));
        Assert.Equal("shop.example.org\n", Text(plan, "/etc/mailname"));
        Assert.Equal("NETWORKING=yes\nHOSTNAME=\"shop.example.org\" # ours\n", Text(plan, "/etc/sysconfig/network"));
        Assert.Equal(
            "127.0.0.1\tlocalhost\n127.0.1.1\tshop.example.org shop # web01\n192.0.2.9 web010 web01-db\n# web01\n",
            Text(plan, "/etc/hosts")
        );
    }

    [Fact]
    public void A_short_host_name_keeps_the_domain_in_the_hosts()
    {
        var plan = Plan(
            new GuestIdentity { HostName = "shop" },
            ("/etc/HOSTNAME", "web01.example.com\n"),
            ("/etc/mailname", "mail.example.com\n"),
            ("/etc/hosts", "::1 WEB01.example.com web01\n")
        );
        Assert.Equal("shop\n", Text(plan, "/etc/HOSTNAME"));
        Assert.Equal("::1 shop.example.com shop\n", Text(plan, "/etc/hosts"));
        Assert.Null(Text(plan, "/etc/mailname"));
        Assert.Null(Text(plan, "/etc/hostname"));
    }

    [Fact]
    public void A_machine_without_a_name_of_its_own_gets_one() =>
        Assert.Equal("shop\n", Text(Plan(new GuestIdentity { HostName = "shop" }), "/etc/hostname"));

    private static string? Text(GuestPlan plan, string path) =>
        plan.Changes.OfType<FileText>().SingleOrDefault(change => change.Path == path)?.Text;

    private static GuestPlan Plan(GuestIdentity identity, params (string Path, string Text)[] files) =>
        Plan(identity, GuestFiles.Store(files));

    private static GuestPlan Plan(GuestIdentity identity, MemoryStore store)
    {
        var target = GuestCase.Run("n13-ok-set", "SELinux").Target;
        return GuestPlanner.Plan(store, target with { Options = target.Options with { Identity = identity } }, ["Identity"]);
    }
}
