using System.Globalization;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>
/// Whether an accelerator runs code. That /dev/kvm can be opened is no proof: in some nested machines the guest's first
/// instruction never ends.
/// </summary>
internal static class AcceleratorProbe
{
    private const int ExitPort = 0x501;
    private const byte Signal = 0x15;

    /// <summary>isa-debug-exit ends QEMU with twice the value and one.</summary>
    private const int ExpectedExitCode = (Signal * 2) + 1;

    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(10);

    /// <returns>kvm or tcg, as QEMU names them.</returns>
    /// <exception cref="P2VException">DestinationNotSupported: the environment names none that exists.</exception>
    public static async Task<string> ChooseAsync(string qemuPath, LocalAccelerator asked, CancellationToken cancellationToken)
    {
        if (
            Environment.GetEnvironmentVariable(LocalDestinationOptions.AcceleratorVariable) is { Length: > 0 } name
            && !Enum.TryParse(name, true, out asked)
        )
        {
            throw new P2VException(
                ErrorIds.DestinationNotSupported,
                $"{LocalDestinationOptions.AcceleratorVariable} is '{name}', which is no accelerator.",
                "Set it to Auto, Tcg or Kvm."
            );
        }

        return asked switch
        {
            LocalAccelerator.Kvm => "kvm",
            LocalAccelerator.Auto
                when File.Exists("/dev/kvm") && await RunsCodeAsync(qemuPath, "kvm", cancellationToken).ConfigureAwait(false) => "kvm",
            _ => "tcg",
        };
    }

    public static async Task<bool> RunsCodeAsync(string qemuPath, string accelerator, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        var image = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(image, BootSector());
            string[] arguments =
            [
                "-accel",
                accelerator,
                "-machine",
                "pc",
                "-cpu",
                "max",
                "-m",
                "32",
                "-nodefaults",
                "-display",
                "none",
                "-device",
                "isa-debug-exit,iobase=0x" + ExitPort.ToString("x", CultureInfo.InvariantCulture) + ",iosize=1",
                "-drive",
                $"file={image.Replace(",", ",,")},format=raw,if=ide,snapshot=on",
            ];
            var result = await LocalTool.RunAsync(qemuPath, arguments, null, timeout.Token).ConfigureAwait(false);
            return result.ExitCode == ExpectedExitCode;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            File.Delete(image);
        }
    }

    private static byte[] BootSector()
    {
        var sector = new byte[512];
        byte[] code = [0xBA, ExitPort & 0xFF, ExitPort >> 8, 0xB0, Signal, 0xEE, 0xF4]; // mov dx,port; mov al,signal; out dx,al; hlt
        code.CopyTo(sector, 0);
        sector[510] = 0x55;
        sector[511] = 0xAA;
        return sector;
    }
}
