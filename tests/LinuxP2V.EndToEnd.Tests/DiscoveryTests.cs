using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>Logging in to a real machine and reading it: what works, and how each refusal reads.</summary>
[Trait("Area", "Conversions")]
[Collection(SourceTestGroup.Name)]
public sealed class DiscoveryTests(SourceFixture lab)
{
    [Fact]
    public void Reads_the_machine_as_it_was_built()
    {
        var facts = lab.Discovered.Facts;
        Assert.True(facts.IsRoot);
        Assert.Equal("web01", facts.HostName);
        Assert.Equal("debian", facts.OperatingSystem.Id);
        Assert.Equal("12", facts.OperatingSystem.VersionId);
        Assert.Equal(Firmware.Bios, facts.Hardware.Firmware);
        Assert.Equal(["vda", "vdb"], facts.BlockDevices.Where(d => d.Kind == BlockDeviceKind.Disk).Select(d => d.Name).Order());
        Assert.Equal("web01-vg", Assert.Single(facts.VolumeGroups).Name);
        var volumes = facts.Mounts.Where(m => m.Class == MountClass.Volume).ToDictionary(m => m.MountPoint, m => m.Specification!.Kind);
        Assert.Equal(
            new Dictionary<string, FileSystemKind>
            {
                ["/"] = FileSystemKind.Ext4,
                ["/boot"] = FileSystemKind.Ext4,
                ["/var"] = FileSystemKind.Xfs,
            },
            volumes
        );
        Assert.Equal("grub2", facts.Boot.Loader);
        Assert.Equal("initramfs-tools", facts.Boot.InitramfsTool);
        Assert.Contains("ifupdown", facts.Network.Managers);
        Assert.Contains("10.0.2.15/24", facts.Network.Adapters.Single(a => a.Name == "ens3").Addresses);
        var kernel = facts.Kernels.Single(k => k.Version == facts.OperatingSystem.RunningKernel);
        Assert.Contains("vmw_pvscsi", kernel.Drivers);
        Assert.Contains("vmxnet3", kernel.Drivers);
        Assert.DoesNotContain(SourceInspector.Inspect(facts), finding => finding.Severity == FindingSeverity.Error);
    }

    [Fact]
    public async Task Sudo_without_a_password_gives_the_same_facts_as_root()
    {
        var deploy = await ReadAsync(lab.Options("deploy"), lab.Key);

        Assert.True(deploy.Facts.IsRoot);
        Assert.Equal(Elevation.Sudo, deploy.Endpoint.Elevation);
        Assert.Equal(lab.Discovered.Facts.BlockDevices.Select(d => d.Uuid), deploy.Facts.BlockDevices.Select(d => d.Uuid));
    }

    [Fact]
    public async Task Password_login_and_sudo_with_the_same_password_work()
    {
        var found = await ReadAsync(lab.Options("admin"), Password(lab.Source.Image.Password));

        Assert.True(found.Facts.IsRoot);
        Assert.Equal(Elevation.SudoWithPassword, found.Endpoint.Elevation);
    }

    [Fact]
    public Task A_wrong_password_is_told_as_such() =>
        RefusedAsync(ErrorIds.SourceAuthenticationFailed, lab.Options("admin"), Password("not the password"));

    [Fact]
    public Task Sudo_that_wants_a_password_that_was_not_given_is_told_as_such() =>
        RefusedAsync(ErrorIds.SudoPasswordRequired, lab.Options("admin"), lab.Key);

    [Fact]
    public Task A_wrong_sudo_password_is_told_as_such() =>
        RefusedAsync(
            ErrorIds.SudoPasswordWrong,
            lab.Options("admin"),
            new SourceSecrets { PrivateKey = lab.Key.PrivateKey, SudoPassword = "not the password" }
        );

    [Fact]
    public Task A_port_where_nobody_listens_is_told_as_such() =>
        RefusedAsync(ErrorIds.SourceConnectionRefused, lab.Options() with { Port = QemuMachine.FreePort() }, lab.Key);

    [Fact]
    public async Task A_host_to_which_no_way_leads_is_told_as_such()
    {
        // An address for documentation: no machine has it, and no packet for it leaves this one.
        const string Address = "203.0.113.77";
        (await Command.RunAsync("ip", ["route", "add", "unreachable", Address], CancellationToken.None)).OrThrow("No route was made");
        try
        {
            await RefusedAsync(ErrorIds.SourceUnreachable, lab.Options() with { Host = Address }, lab.Key);
        }
        finally
        {
            await Command.RunAsync("ip", ["route", "del", "unreachable", Address], CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_strict_policy_refuses_an_unknown_host_key_and_writes_nothing()
    {
        var file = Path.Combine(lab.Folder, "known_hosts.strict");

        await RefusedAsync(
            ErrorIds.SourceHostKeyUnknown,
            lab.Options() with
            {
                HostKeyPolicy = HostKeyPolicy.Strict,
                KnownHostsPath = file,
            },
            lab.Key
        );

        Assert.False(File.Exists(file) && new FileInfo(file).Length > 0);
    }

    [Fact]
    public async Task A_changed_host_key_is_refused_even_where_new_ones_are_accepted()
    {
        var file = Path.Combine(lab.Folder, "known_hosts.changed");
        var known = await lab.Source.Root.RunAsync("cat /etc/ssh/ssh_host_ed25519_key.pub", CancellationToken.None);
        var key = known.OrThrow("The host key was not read").Output.Split(' ')[1];
        // The last characters are the key itself: another one of the same type.
        var other = key[..^8] + (key.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBBBBBB" : "AAAAAAAA");
        var line = $"[{lab.Source.Host}]:{lab.Source.Port} ssh-ed25519 {other}\n";
        await File.WriteAllTextAsync(file, line);

        await RefusedAsync(ErrorIds.SourceHostKeyChanged, lab.Options() with { KnownHostsPath = file }, lab.Key);

        Assert.Equal(line, await File.ReadAllTextAsync(file));
    }

    private static Task<DiscoveredSource> ReadAsync(SourceConnectionOptions options, SourceSecrets secrets) =>
        SourceDiscovery.ReadAsync(options, secrets, NullConsole.Instance, CancellationToken.None);

    private static async Task RefusedAsync(string errorId, SourceConnectionOptions options, SourceSecrets secrets)
    {
        var exception = await Assert.ThrowsAsync<P2VException>(() => ReadAsync(options, secrets));

        Assert.Equal(errorId, exception.ErrorId);
        Assert.NotEmpty(exception.Remedy);
        // A message that shows a secret is worse than none.
        var said = exception + exception.Remedy;
        Assert.DoesNotContain("not the password", said);
    }

    private static SourceSecrets Password(string password) => new() { Password = password };
}
