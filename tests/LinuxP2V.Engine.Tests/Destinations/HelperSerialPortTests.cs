using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations;

/// <summary>Against a socket of the test's own in the place of QEMU.</summary>
public sealed class HelperSerialPortTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("p2v-serial-").FullName;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly HelperSettings settings = new() { ConversionId = "abcdefghijkl", AuthorizedKey = "ssh-ed25519 AAAAnew engine" };

    public HelperSerialPortTests()
    {
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
    }

    private string SocketPath => Path.Combine(folder, "serial1.sock");

    public void Dispose()
    {
        listener.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_announcement_with_our_key_is_found_among_noise()
    {
        var attaching = AttachAsync();
        using var helper = new NetworkStream(await listener.AcceptAsync(), ownsSocket: true);
        using var reader = new StreamReader(helper);
        Assert.Equal("", await reader.ReadLineAsync());
        var asked = await reader.ReadLineAsync();
        Assert.StartsWith("linuxp2v:", asked, StringComparison.Ordinal);
        Assert.Equal(
            settings.AuthorizedKey,
            JsonSerializer.Deserialize(asked!["linuxp2v:".Length..], ProtocolJson.Default.HelperSettings)!.AuthorizedKey
        );

        await WriteAsync(helper, "\u001b[2Jgrub> linuxp2v:{broken\r\n" + asked + "\r\n" + new string('x', 70_000) + "\n\0\n");
        await WriteAsync(helper, Line(Announcement() with { AuthorizedKey = "ssh-ed25519 AAAAold" }));
        await WriteAsync(helper, Line(Announcement() with { ConversionId = "someoneelses", HostKey = "wrong" }));
        var line = "login: " + Line(Announcement());
        await WriteAsync(helper, line[..40]);
        await Task.Delay(50);
        Assert.False(attaching.IsCompleted);
        await WriteAsync(helper, line[40..]);
        Assert.Equal("ssh-ed25519 AAAAhost", (await attaching).HostKey);
    }

    [Fact]
    public async Task Settings_are_sent_again_until_somebody_listens()
    {
        var attaching = AttachAsync();
        using var helper = new NetworkStream(await listener.AcceptAsync(), ownsSocket: true);
        using var reader = new StreamReader(helper);
        for (var line = 0; line < 4; line++)
            Assert.NotNull(await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)));

        await WriteAsync(helper, Line(Announcement()));
        await attaching;
    }

    [Fact]
    public async Task Nothing_is_typed_into_a_boot_loader_that_listens_before_the_helper_does()
    {
        var attaching = AttachAsync(hasSpoken: false);
        using var helper = new NetworkStream(await listener.AcceptAsync(), ownsSocket: true);
        using var reader = new StreamReader(helper);
        await WriteAsync(helper, "GRUB loading.\n");
        var first = reader.ReadLineAsync();
        await Task.Delay(500);
        Assert.False(first.IsCompleted);

        // A helper that had no settings at its boot is told them.
        await WriteAsync(
            helper,
            Line(
                Announcement() with
                {
                    ConversionId = "",
                    AuthorizedKey = "",
                    Problem = new ErrorDescription(ErrorIds.HelperStartFailed, "No settings.", "Give some."),
                }
            )
        );
        await first;
        Assert.Contains("AAAAnew", await reader.ReadLineAsync(), StringComparison.Ordinal);
        await WriteAsync(helper, Line(Announcement()));
        await attaching;
    }

    [Fact]
    public async Task A_lost_connection_is_made_again()
    {
        var attaching = AttachAsync();
        (await listener.AcceptAsync()).Dispose();
        using var helper = new NetworkStream(await listener.AcceptAsync(), ownsSocket: true);
        await WriteAsync(helper, Line(Announcement()));
        Assert.Equal("boot-2", (await attaching).BootId);
    }

    [Fact]
    public async Task A_problem_of_the_helper_is_shown_instead_of_waiting()
    {
        var attaching = AttachAsync();
        using var helper = new NetworkStream(await listener.AcceptAsync(), ownsSocket: true);
        await WriteAsync(
            helper,
            Line(
                Announcement() with
                {
                    Problem = new ErrorDescription(
                        ErrorIds.HelperAddressNotObtained,
                        "No DHCP server answered on eth0.",
                        "Give an address."
                    ),
                }
            )
        );
        var exception = await Assert.ThrowsAsync<P2VException>(() => attaching);
        Assert.Equal(ErrorIds.HelperAddressNotObtained, exception.ErrorId);
        Assert.Equal("No DHCP server answered on eth0.", exception.Message);
    }

    [Theory]
    [InlineData("localhost", "10.0.2.2")]
    [InlineData("127.0.0.1", "10.0.2.2")]
    [InlineData("127.8.0.1", "10.0.2.2")]
    [InlineData("::1", "10.0.2.2")]
    [InlineData("web01", "web01")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    public void The_host_s_loopback_has_another_address_in_the_helper(string host, string seen)
    {
        var source = new SourceEndpoint
        {
            Host = host,
            Port = 2222,
            User = "root",
        };
        Assert.Equal(source with { Host = seen }, HelperNetworkAddress.Translate(source));
    }

    [Fact]
    public void Only_the_outermost_hop_is_translated()
    {
        var outer = new SourceEndpoint { Host = "localhost", User = "jump" };
        var middle = new SourceEndpoint
        {
            Host = "127.0.0.1",
            User = "jump",
            JumpHost = outer,
        };
        var seen = HelperNetworkAddress.Translate(
            new SourceEndpoint
            {
                Host = "localhost",
                User = "root",
                JumpHost = middle,
            }
        );
        Assert.Equal(("localhost", "127.0.0.1", "10.0.2.2"), (seen.Host, seen.JumpHost!.Host, seen.JumpHost.JumpHost!.Host));
    }

    private Task<HelperAnnouncement> AttachAsync(bool hasSpoken = true) =>
        new HelperAttachment(SocketPath, settings, () => hasSpoken, () => { }).AttachAsync(
            TimeSpan.FromSeconds(30),
            CancellationToken.None
        );

    private HelperAnnouncement Announcement() =>
        new()
        {
            ConversionId = settings.ConversionId,
            BootId = "boot-2",
            Addresses = [],
            HostKey = "ssh-ed25519 AAAAhost",
            AuthorizedKey = settings.AuthorizedKey,
        };

    private static string Line(HelperAnnouncement announcement) =>
        "linuxp2v:" + JsonSerializer.Serialize(announcement, ProtocolJson.Default.HelperAnnouncement) + "\r\n";

    private static Task WriteAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();
}
