using System.Diagnostics;
using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>The build's step for publishers, with a command that records what it gets.</summary>
public sealed class SigningTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("linuxp2v test");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task TheCommandGetsEveryFileThatCanBeSigned()
    {
        var (stage, record) = (Stage(), Path.Combine(folder.FullName, "record"));
        var command = WriteScript($"pwd > '{record}'; for f in \"$@\"; do [ -f \"$f\" ] && echo \"$f\" >> '{record}' || exit 9; done");
        var (code, output) = await SignAsync(stage, $"'{command}'");
        Assert.True(code == 0, output);

        var lines = await File.ReadAllLinesAsync(record);
        Assert.Equal(stage.TrimEnd('/'), lines[0]);
        var expected = Directory
            .EnumerateFiles(stage, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".dll" or ".psm1" or ".psd1" or ".ps1xml")
            .Select(f => Path.GetRelativePath(stage, f))
            .Order(StringComparer.Ordinal);
        Assert.Equal(expected, lines.Skip(1).Order(StringComparer.Ordinal));
        Assert.Contains("bin/net472/LinuxP2V.Cmdlets.dll", lines);
        Assert.Contains("LinuxP2V.psd1", lines);
        Assert.DoesNotContain(lines, l => l.EndsWith(".pdb", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ACommandThatFailsFailsTheBuild()
    {
        var (code, output) = await SignAsync(Stage(), $"'{WriteScript("echo no certificate >&2; exit 3")}'");
        Assert.NotEqual(0, code);
        Assert.Contains("no certificate", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheCommandPrintsDoesNotFailTheBuild()
    {
        var (code, output) = await SignAsync(
            Stage(),
            $"'{WriteScript("echo 'sign : error S1: the first time stamp server did not answer'")}'"
        );
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task AnEmptyStageIsAnError()
    {
        var stage = Directory.CreateDirectory(Path.Combine(folder.FullName, "empty")).FullName + "/";
        var (code, output) = await SignAsync(stage, "true");
        Assert.NotEqual(0, code);
        Assert.Contains("nothing to sign", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutACommandNothingIsSigned()
    {
        var stage = Stage();
        var before = Directory.EnumerateFiles(stage, "*", SearchOption.AllDirectories).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        var (code, output) = await SignAsync(stage, null);
        Assert.True(code == 0, output);
        Assert.All(before, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
    }

    /// <summary>A copy: the tests beside this one use the real one.</summary>
    private string Stage()
    {
        var stage = Path.Combine(folder.FullName, "LinuxP2V") + "/";
        foreach (
            var file in Directory
                .EnumerateFiles(Staged.ModuleFolder, "*", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/helper/", StringComparison.Ordinal))
        )
        {
            var copy = Path.Combine(stage, Path.GetRelativePath(Staged.ModuleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return stage;
    }

    private string WriteScript(string text)
    {
        var file = Path.Combine(folder.FullName, "sign.sh");
        File.WriteAllText(file, "#!/bin/sh\n" + text + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    private static async Task<(int Code, string Output)> SignAsync(string stage, string? command)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            ["msbuild", Staged.CmdletsProject, "-nologo", "-tl:off", "-nodeReuse:false", "-t:SignModule", $"-p:StageFolder={stage}"]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // As publishers give it.
        start.Environment["SignCommand"] = command;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await process.WaitForExitAsync(timeout.Token);
        return (process.ExitCode, await output + await error);
    }
}
