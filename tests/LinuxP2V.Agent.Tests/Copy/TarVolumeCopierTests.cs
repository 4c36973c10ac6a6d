using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

public sealed class TarVolumeCopierTests : VolumeCopierTests
{
    [Fact]
    public async Task A_broken_connection_is_told_and_the_next_copy_completes()
    {
        Shell.Run("head -c 50000000 /dev/urandom > big; echo s > small", From.MountPoint);
        await using var source = new CutSource(await ConnectAsync(), 10_000_000, Server.Stop);
        var copy = CopyAsync(source, From.Describe(), To.MountPoint, default);

        var error = await Assert.ThrowsAsync<AgentException>(() => copy);

        Assert.Equal(ErrorIds.SourceConnectionLost, error.Error.Id);
        Server.Start();
        await CopyAsync(source, From.Describe(), To.MountPoint, default);
        Assert.Equal(From.Fingerprint(), To.Fingerprint());
    }

    private protected override IVolumeCopier CreateCopier() => new VolumeCopier(files: new TarVolumeCopier());
}
