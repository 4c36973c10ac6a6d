using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Lab.Machines;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>A running source for all tests that do not switch it off.</summary>
public sealed class SourceFixture : IAsyncLifetime
{
    private SourceMachine? source;

    public SourceMachine Source => source!;

    /// <summary>Accepted keys of this run; the user's file stays out of it.</summary>
    public string KnownHosts { get; private set; } = "";

    public string Folder { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Folder = await FreshFolder.MakeAsync("e2e-refusals");
        KnownHosts = Path.Combine(Folder, "known_hosts");
        var image = await TestSource.GetAsync(SourceImage.Bios, _ => { });
        source = await SourceMachine.StartAsync(image, Path.Combine(Folder, "source"), CancellationToken.None);
        await source.WaitForSshAsync(CancellationToken.None);
        Discovered = await SourceDiscovery.ReadAsync(Options(), Key, NullConsole.Instance, CancellationToken.None);
    }

    public Task DisposeAsync() => QemuMachine.KillAllBelowAsync(Folder);

    public SourceConnectionOptions Options(string user = "root") =>
        new()
        {
            Host = Source.Host,
            Port = Source.Port,
            User = user,
            HostKeyPolicy = HostKeyPolicy.AcceptNew,
            KnownHostsPath = KnownHosts,
            ConnectTimeout = TimeSpan.FromSeconds(60),
        };

    /// <summary>Read once by root: a login takes half a minute on a busy host.</summary>
    public DiscoveredSource Discovered { get; private set; } = null!;

    public SourceSecrets Key => new() { PrivateKey = File.ReadAllText(Source.KeyFile) };
}

[CollectionDefinition(Name)]
public sealed class SourceTestGroup : ICollectionFixture<SourceFixture>
{
    public const string Name = "one running source";
}
