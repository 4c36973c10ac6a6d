using System.Diagnostics;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>What a program that unpacks makes of a stream. The program ends when this is closed.</summary>
internal sealed class UnpackingStream : ReadOnlyStream
{
    private readonly Process process;
    private readonly Task feeding;
    private readonly CancellationTokenRegistration cancelling;
    private readonly CancellationToken cancellationToken;

    private UnpackingStream(Process process, Stream packed, CancellationToken cancellationToken)
    {
        this.process = process;
        this.cancellationToken = cancellationToken;
        feeding = Task.Run(() => Feed(process, packed), CancellationToken.None);
        // What it says of its trouble must be read, or it waits for that.
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        cancelling = cancellationToken.Register(Kill);
    }

    /// <summary>Whether the helper has the program.</summary>
    public static bool IsThere(string program) =>
        ((string[])["/usr/bin", "/bin"]).Any(folder => File.Exists(Path.Combine(folder, program)));

    public static UnpackingStream Start(
        string program,
        IEnumerable<string> arguments,
        Stream packed,
        CancellationToken cancellationToken
    ) =>
        new(
            ProcessStarter.Start(
                new ProcessStartInfo(program, arguments)
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            ),
            packed,
            cancellationToken
        );

    /// <exception cref="InvalidDataException">The program complained: the stream was cut off or damaged.</exception>
    public override int Read(Span<byte> buffer)
    {
        var read = process.StandardOutput.BaseStream.Read(buffer);
        if (read > 0)
            return read;

        process.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? 0 : throw new InvalidDataException("What is compressed in it is damaged.");
    }

    /// <summary>Waits as <see cref="Read(Span{byte})"/> does: it is read on a thread of its own.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            cancelling.Dispose();
            Kill();
            feeding.Wait(CancellationToken.None);
            process.Dispose();
        }

        base.Dispose(disposing);
    }

    private static void Feed(Process process, Stream packed)
    {
        try
        {
            packed.CopyTo(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all: its exit code tells why.
        }
    }

    private void Kill()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }
}
