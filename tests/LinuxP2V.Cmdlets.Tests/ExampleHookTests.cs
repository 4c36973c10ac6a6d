using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>The hooks of docs/examples, run as they stand among programs that only note how they are called.</summary>
public sealed class ExampleHookTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("linuxp2v-examples-").FullName;

    public ExampleHookTests()
    {
        foreach (var program in new[] { "sh", "sleep", "cat" })
            File.CreateSymbolicLink(
                Path.Combine(folder, program),
                File.Exists($"/usr/bin/{program}") ? $"/usr/bin/{program}" : $"/bin/{program}"
            );
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("apt-get", "apt-get -q update\napt-get -q -y install open-vm-tools\nsystemctl enable --now vmtoolsd.service\n")]
    [InlineData("dnf", "dnf -y install open-vm-tools\nsystemctl enable --now vmtoolsd.service\n")]
    [InlineData("zypper", "zypper --non-interactive install open-vm-tools\nsystemctl enable --now vmtoolsd.service\n")]
    public void ToolsAreInstalledByWhatTheMachineHas(string manager, string calls)
    {
        Programs(manager, "systemctl");
        Assert.Equal(0, Run("install-open-vm-tools.sh"));
        Assert.Equal(calls, Calls());
    }

    [Fact]
    public void ToolsThatAreThereStayAndAMachineWithoutAManagerIsTold()
    {
        Assert.Equal(1, Run("install-open-vm-tools.sh"));
        Programs("vmtoolsd", "apt-get");
        Assert.Equal(0, Run("install-open-vm-tools.sh"));
        Assert.Equal("", Calls());
    }

    [Fact]
    public void VendorsAgentsThatAreInstalledGo()
    {
        Program("dpkg-query", "[ \"$2\" = ssacli ]");
        Programs("dpkg");
        Assert.Equal(0, Run("remove-vendor-agents.sh"));
        Assert.Equal("dpkg --remove --force-depends ssacli\n", Calls());
    }

    [Fact]
    public void AMachineRegistersOnceItsApplicationAnswersAndKeepsItsToken()
    {
        File.WriteAllText(Path.Combine(folder, "token"), "t0ken\n");
        Program("hostname", "echo web01");
        // The first question finds nobody.
        Program(
            "curl",
            $"echo \"curl $*\" >>{folder}/calls; case $* in "
                + $"*health*) [ -e {folder}/up ] || {{ : >{folder}/up; exit 7; }} ;; *) cat >>{folder}/input ;; esac"
        );
        Assert.Equal(0, Run("register-with-load-balancer.sh", ("TOKEN_FILE", $"{folder}/token"), ("PAUSE", "0")));
        var calls = Calls().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, calls.Length);
        Assert.Contains("{\"name\": \"web01\"}", calls[2], StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", Calls(), StringComparison.Ordinal);
        Assert.Contains("Bearer t0ken", File.ReadAllText($"{folder}/input"), StringComparison.Ordinal);
    }

    private void Programs(params string[] names)
    {
        foreach (var name in names)
            Program(name, $"echo \"{name} $*\" >>{folder}/calls");
    }

    private void Program(string name, string body)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Calls() => File.Exists($"{folder}/calls") ? File.ReadAllText($"{folder}/calls") : "";

    private int Run(string example, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("/bin/sh", [Path.Combine(Folder(), example)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = folder;
        foreach (var (name, value) in variables)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private static string Folder([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "../../docs/examples/hooks");
}
