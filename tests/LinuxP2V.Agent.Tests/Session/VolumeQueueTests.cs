using LinuxP2V.Agent.Session;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Tests.Session;

public sealed class VolumeQueueTests
{
    private static readonly TargetVolume[] Volumes =
    [
        .. new[] { "/", "/a", "/b", "/c" }.Select(id => new TargetVolume
        {
            Id = id,
            Device = DeviceReference.OnDisk(0, 1),
            FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
            SourceDevice = "/dev/sda1",
        }),
    ];

    [Fact]
    public async Task A_few_at_a_time_are_begun_in_order()
    {
        var (begun, running, most) = (new List<string>(), 0, 0);
        var together = new TaskCompletionSource();
        await VolumeQueue.RunAsync(
            Volumes,
            2,
            async (volume, token) =>
            {
                lock (begun)
                {
                    begun.Add(volume.Id);
                    most = Math.Max(most, ++running);
                    if (running == 2)
                        together.TrySetResult();
                }

                await together.Task.WaitAsync(TimeSpan.FromSeconds(30), token);
                await Task.Yield();
                lock (begun)
                {
                    running--;
                }
            },
            default
        );

        Assert.Equal(["/", "/a", "/b", "/c"], begun);
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task The_first_failure_ends_the_others_and_is_what_is_told()
    {
        var begun = new List<string>();
        var ended = false;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            VolumeQueue.RunAsync(
                Volumes,
                2,
                async (volume, token) =>
                {
                    begun.Add(volume.Id);
                    if (volume.Id == "/a")
                    {
                        await Task.Yield();
                        throw new InvalidOperationException("full");
                    }

                    try
                    {
                        await Task.Delay(Timeout.Infinite, token);
                    }
                    finally
                    {
                        ended = true;
                    }
                },
                default
            )
        );

        Assert.Equal(("full", true), (error.Message, ended));
        Assert.Equal(["/", "/a"], begun);
    }
}
