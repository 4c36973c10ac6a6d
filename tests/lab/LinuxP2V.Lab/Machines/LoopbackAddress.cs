using System.Globalization;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Machines;

/// <summary>
/// An address of this machine's loopback for as long as it is needed: unlike 127.0.0.1 it means the same machine to a
/// guest of QEMU's user network as to the host.
/// </summary>
public sealed class LoopbackAddress : IAsyncDisposable
{
    private const int Numbers = 250;
    private readonly FileStream lockFile;

    private LoopbackAddress(string address, FileStream held)
    {
        Address = address;
        lockFile = held;
    }

    public string Address { get; }

    /// <exception cref="LabException">All are taken, or this is not root.</exception>
    public static async Task<LoopbackAddress> TakeAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(LabPaths.Lab, "addresses")).FullName;
        for (var number = 1; number < Numbers; number++)
        {
            var address = string.Create(CultureInfo.InvariantCulture, $"10.77.1.{number}");
            FileStream held;
            try
            {
                held = new FileStream(Path.Combine(folder, address), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                // Another run's.
                continue;
            }

            // "replace" also takes what a killed run left behind.
            (await Command.RunAsync("ip", ["addr", "replace", $"{address}/32", "dev", "lo"], cancellationToken)).OrThrow(
                $"The address {address} was not added"
            );
            return new LoopbackAddress(address, held);
        }

        throw new LabException("All of 10.77.1.0/24 is taken.");
    }

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("ip", ["addr", "del", $"{Address}/32", "dev", "lo"], CancellationToken.None);
        await lockFile.DisposeAsync();
    }
}
