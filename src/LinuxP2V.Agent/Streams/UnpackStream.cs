using System.Diagnostics;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Streams;

/// <summary>Reads what a program of the helper makes of a stream.</summary>
internal sealed class UnpackStream : ReadOnlyStream
{
    private const int BufferBytes = 1 << 18;
    private static readonly TimeSpan ErrorOutputTimeout = TimeSpan.FromSeconds(1);

    private readonly Process process;
    private readonly string program;
    private readonly Task feeding;
    private readonly Task<string> errors;
    private readonly Stream output;

    public UnpackStream(Stream wire, IReadOnlyList<string> command)
    {
        program = command[0];
        process = ProcessStarter.Start(
            new ProcessStartInfo(program, command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        );
        output = process.StandardOutput.BaseStream;
        errors = process.StandardError.ReadToEndAsync();
        var input = process.StandardInput.BaseStream;
        Pipes.Enlarge(input);
        Pipes.Enlarge(output);
        feeding = Task.Factory.StartNew(
            () => Feed(wire, input),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    public override int Read(Span<byte> buffer)
    {
        var count = output.Read(buffer);
        if (count == 0 && buffer.Length > 0)
        {
            process.WaitForExit();
            ThrowIfDamaged();
        }

        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await output.ReadAsync(buffer, cancellationToken);
        if (count == 0 && buffer.Length > 0)
        {
            await process.WaitForExitAsync(cancellationToken);
            ThrowIfDamaged();
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                process.Kill();
            }
            catch (InvalidOperationException)
            {
                // Ended by itself.
            }

            output.Dispose();
            // It may still wait for data from the wire. That read ends when the owner closes the wire.
            _ = feeding.ContinueWith(_ => process.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        base.Dispose(disposing);
    }

    private static void Feed(Stream wire, Stream input)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (wire.Read(buffer) is var count and > 0)
                input.Write(buffer, 0, count);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Either end is gone: the program's exit code, or the wire's command, tells.
        }

        try
        {
            input.Dispose();
        }
        catch (IOException)
        {
            // As above.
        }
    }

    private void ThrowIfDamaged()
    {
        if (process.ExitCode != 0)
            throw new InvalidDataException(
                $"{program} ended with {process.ExitCode}: {(errors.Wait(ErrorOutputTimeout) ? errors.Result.Trim() : "")}"
            );
    }
}
