using System.Runtime.CompilerServices;
using System.Threading.Channels;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Startup;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Startup;

public sealed class HelperStartupTests : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("p2v-boot-").FullName;
    private readonly FakeChannel channel = new();
    private readonly CancellationTokenSource end = new();

    [Fact]
    public async Task A_new_engine_gets_in_with_its_new_key()
    {
        channel.Settings = Settings("ssh-ed25519 AAAA first");
        using var boot = Boot((_, _) => Task.FromResult<IReadOnlyList<string>>(["192.0.2.7"]));
        var running = boot.RunAsync(end.Token);

        var first = await channel.Announced.Reader.ReadAsync();
        Assert.Equal(
            ("c1", "boot1", "ssh-ed25519 AAAA first", null),
            (first.ConversionId, first.BootId, first.AuthorizedKey, first.Problem)
        );
        Assert.Equal(["192.0.2.7"], first.Addresses);
        Assert.Equal(Shell.Run("ssh-keygen -y -f ssh_host_ed25519_key | cut -d' ' -f1,2", state).Trim(), first.HostKey);

        channel.Given.Writer.TryWrite(Settings("ssh-ed25519 BBBB second\nssh-ed25519 CCCC smuggled"));
        var second = await channel.Announced.Reader.ReadAsync();
        Assert.StartsWith("ssh-ed25519 BBBB second", second.AuthorizedKey, StringComparison.Ordinal);
        Assert.Equal(first.HostKey, second.HostKey);
        Assert.Equal("ssh-ed25519 BBBB second\n", File.ReadAllText(state + "/authorized_keys"));
        Assert.Equal("600\n", Shell.Run($"stat -c %a {state}/authorized_keys"));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Without_settings_or_address_the_problem_is_announced_and_later_settings_help()
    {
        var answers = new Queue<Func<IReadOnlyList<string>>>([
            () => throw new AgentException(ErrorIds.HelperAddressNotObtained, "no address", "plug it in"),
            () => ["2001:db8::7"],
        ]);
        using var boot = Boot((_, _) => Task.FromResult(answers.Dequeue()()));
        var running = boot.RunAsync(end.Token);

        Assert.Equal(ErrorIds.HelperStartFailed, (await channel.Announced.Reader.ReadAsync()).Problem?.Id);
        channel.Given.Writer.TryWrite(Settings("k"));
        Assert.Equal(ErrorIds.HelperAddressNotObtained, (await channel.Announced.Reader.ReadAsync()).Problem?.Id);
        channel.Given.Writer.TryWrite(Settings("k"));
        var last = await channel.Announced.Reader.ReadAsync();
        Assert.Null(last.Problem);
        Assert.Equal(["2001:db8::7"], last.Addresses);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Guestinfo_goes_both_ways()
    {
        var tool = state + "/rpctool";
        File.WriteAllText(
            tool,
            $$"""
            #!/bin/sh
            case "$1" in
              "info-get guestinfo.linuxp2v.settings") cat {{state}}/in 2>/dev/null || { echo "No value found" >&2; exit 1; } ;;
              "info-set guestinfo.linuxp2v.announcement "*) printf '%s' "${1#info-set guestinfo.linuxp2v.announcement }" > {{state}}/out ;;
            esac
            """
        );
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var vmware = new VmwareChannel(tool);

        Assert.Null(await vmware.ReadSettingsAsync(default));
        File.WriteAllText(state + "/in", """{"conversionId":"c9","authorizedKey":"k","network":{"addresses":["192.0.2.10/24"]}}""" + "\n");
        await foreach (var given in vmware.ListenAsync(end.Token))
        {
            Assert.Equal(("c9", "192.0.2.10/24"), (given.ConversionId, given.Network.Addresses[0]));
            break;
        }

        await vmware.AnnounceAsync(
            new HelperAnnouncement
            {
                ConversionId = "c9",
                BootId = "b",
                Addresses = ["a"],
                HostKey = "h",
                AuthorizedKey = "k",
            },
            default
        );
        Assert.StartsWith("""{"conversionId":"c9",""", File.ReadAllText(state + "/out"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linuxp2v:{\"a\":1}\r", "{\"a\":1}")]
    [InlineData("\u001b[2JSeaBIOS linuxp2v:{}", "{}")]
    [InlineData("GRUB loading.", null)]
    public void Only_framed_lines_count(string line, string? expected) => Assert.Equal(expected, ChannelLine.Unframe(line));

    [Fact]
    public void Addresses_are_those_of_real_adapters_v4_first()
    {
        const string Listing = """
            1: lo    inet 127.0.0.1/8 scope host lo
            2: eth0    inet6 2001:db8::1/64 scope global dynamic
            2: eth0    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth0
            3: docker0    inet 172.17.0.1/16 scope global docker0
            """;
        Assert.Equal(["192.0.2.1", "2001:db8::1"], HelperNetworkSetup.Parse(Listing, ["eth0"]));
    }

    public void Dispose()
    {
        end.Dispose();
        Directory.Delete(state, recursive: true);
    }

    private static HelperSettings Settings(string key) => new() { ConversionId = "c1", AuthorizedKey = key };

    private HelperStartup Boot(Func<HelperNetwork, CancellationToken, Task<IReadOnlyList<string>>> network) =>
        new(channel, new HelperSshServer(state, "/bin/true", state + "/no.pid"), network, "boot1", _ => { });

    private sealed class FakeChannel : IHypervisorChannel
    {
        public HelperSettings? Settings { get; set; }

        public Channel<HelperSettings> Given { get; } = Channel.CreateUnbounded<HelperSettings>();

        public Channel<HelperAnnouncement> Announced { get; } = Channel.CreateUnbounded<HelperAnnouncement>();

        public Task<HelperSettings?> ReadSettingsAsync(CancellationToken cancellationToken) => Task.FromResult(Settings);

        public Task AnnounceAsync(HelperAnnouncement announcement, CancellationToken cancellationToken) =>
            Announced.Writer.WriteAsync(announcement, cancellationToken).AsTask();

        public async IAsyncEnumerable<HelperSettings> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var given in Given.Reader.ReadAllAsync(cancellationToken))
                yield return given;
        }
    }
}
