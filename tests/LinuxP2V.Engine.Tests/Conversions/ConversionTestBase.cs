using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>Conversions of one source by managers that share a state folder, as processes do.</summary>
public abstract class ConversionTestBase : IDisposable
{
    private protected static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private protected ConversionTestBase()
    {
        Destination = new FakeDestination(Agent);
        Agent.OnFinished = PowerOffFinished;
        File.WriteAllText(Path.Combine(Folder, "helper.iso"), "");
    }

    private protected string Folder { get; } = Directory.CreateTempSubdirectory("linuxp2v-test").FullName;

    private protected FakeAgent Agent { get; } = new();

    private protected FakeDestination Destination { get; }

    private protected SourceSecrets Secrets { get; } = new() { Password = "s3cret-word" };

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected ConversionManager Manager() => new(Folder, Agent);

    private protected DriveOptions Options() => new(Path.Combine(Folder, "helper.iso"));

    /// <summary>To where it was asked last, or to the end.</summary>
    private protected async Task<Conversion> RunAsync(
        ConversionManager manager,
        string id,
        ConversionGoal? goal = null,
        IEngineConsole? console = null
    )
    {
        manager.Drive(id, Destination, Secrets, Options(), console ?? NullConsole.Instance, goal: goal);
        return await manager.WaitAsync(id, null, Timeout());
    }

    private protected void PowerOffFinished()
    {
        Destination.IsFinished = true;
        Destination.Power = MachinePower.PoweredOff;
    }

    private protected static CancellationToken Timeout() => new CancellationTokenSource(WaitTimeout).Token;

    private protected static async Task UntilAsync(Func<bool> condition)
    {
        var end = DateTime.UtcNow + WaitTimeout;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "waited in vain");
            await Task.Delay(10);
        }
    }

    /// <summary>The connector of a driver that will be dead: its next connection never comes.</summary>
    private protected sealed class DyingConnector(IAgentConnector connector) : IAgentConnector
    {
        public bool IsDead { get; set; }

        public async Task<IAgentChannel> ConnectAsync(HelperEndpoint helper, ConversionKey key, CancellationToken cancellationToken)
        {
            if (IsDead)
            {
                await new TaskCompletionSource().Task;
            }

            return await connector.ConnectAsync(helper, key, cancellationToken);
        }
    }

    private protected static ConversionTask NewTask(TaskSettings? settings = null)
    {
        var facts = new SourceFacts
        {
            HostName = "web01",
            OperatingSystem = new OperatingSystemFacts
            {
                Id = "debian",
                PrettyName = "Debian",
                RunningKernel = "6.1",
                Architecture = "x86_64",
            },
            Hardware = new HardwareFacts
            {
                Firmware = Firmware.Bios,
                CpuCount = 1,
                MemoryBytes = 1 << 30,
            },
            Boot = new BootFacts(),
        };
        var plan = new ConversionPlan
        {
            Machine = new MachineSpecification
            {
                Name = "web01",
                Firmware = Firmware.Bios,
                NumCpu = 1,
                MemoryBytes = 1 << 30,
                Disks = [],
            },
            Layout = new TargetLayout
            {
                Firmware = Firmware.Bios,
                Disks = [],
                Volumes =
                [
                    new TargetVolume
                    {
                        Id = "/",
                        MountPoint = "/",
                        SourceDevice = "/dev/sda1",
                        Device = DeviceReference.OnDisk(0, 1),
                        FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
                        UsedBytes = 10,
                        UsedInodes = 2,
                    },
                ],
            },
        };
        return new ConversionTask
        {
            Source = new SourceEndpoint
            {
                Host = "web01",
                User = "root",
                HostKeys = ["ssh-ed25519 AAAA"],
            },
            Facts = facts,
            Destination = new DestinationReference("Local", "/vms"),
            Settings = settings ?? new TaskSettings(),
            Plan = plan,
        };
    }
}
