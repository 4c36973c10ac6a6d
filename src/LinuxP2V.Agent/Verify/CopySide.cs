using System.Diagnostics;
using System.Text;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Verify;

/// <summary>Asks the copy, with as many of the helper's tools at once as there are processors, over all volumes.</summary>
internal sealed class CopySide(string root) : IComparisonSide
{
    private const int SomeFailed = 123;

    private static readonly SemaphoreSlim Processors = new(Environment.ProcessorCount);

    public async Task<string?[]> AskAsync(PropertyCheck check, IReadOnlyList<byte[]> paths, CancellationToken cancellationToken)
    {
        await Processors.WaitAsync(cancellationToken);
        try
        {
            return check.InCopy is { } script
                ? await RunAsync(script, paths, cancellationToken)
                : await Task.Run(() => ReadAttributes(paths, cancellationToken), cancellationToken);
        }
        finally
        {
            Processors.Release();
        }
    }

    private async Task<string?[]> RunAsync(PathListScript script, IReadOnlyList<byte[]> paths, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        var (exitCode, errorOutput) = await HelperScript.RunAsync(script.Text, root, PathList.Join(paths), output, cancellationToken);
        if (exitCode is not (0 or SomeFailed))
            throw VerifyFailure.Of($"a tool of the helper ended with {exitCode}", errorOutput);

        try
        {
            return new AnswerReader(paths).Read(output.GetBuffer().AsSpan(0, (int)output.Length), script.Form);
        }
        catch (InvalidDataException exception)
        {
            throw VerifyFailure.Of("the helper's tools answered what cannot be read", exception.Message);
        }
    }

    private string?[] ReadAttributes(IReadOnlyList<byte[]> paths, CancellationToken cancellationToken)
    {
        var buffers = new CopyAttributes.AttributeBuffers();
        var folder = Encoding.UTF8.GetBytes(root + "/");
        var answers = new string?[paths.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            answers[i] = CopyAttributes.Read([.. folder, .. paths[i], 0], buffers);
        }

        return answers;
    }
}

/// <summary>Runs a script of the helper in a folder of the copy.</summary>
internal static class HelperScript
{
    /// <param name="output">Gets standard output as it comes.</param>
    public static async Task<(int ExitCode, string ErrorOutput)> RunAsync(
        string script,
        string folder,
        ReadOnlyMemory<byte> input,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo("sh", ["-c", script])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = ProcessStarter.Start(start);
        try
        {
            var errorOutput = ReadLastLinesAsync(process.StandardError.BaseStream, cancellationToken);
            var writing = WriteAsync(process, input, cancellationToken);
            await process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
            await writing;
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await errorOutput);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code tells why.
        }
    }

    private static async Task<string> ReadLastLinesAsync(Stream errors, CancellationToken cancellationToken)
    {
        var lastLines = new LastLines();
        var lines = new LineReader(errors);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
            lastLines.Add(line);

        return lastLines.ToString();
    }
}
