using System.Reflection;
using System.Reflection.Emit;
using LinuxP2V.Cmdlets.Loading;
using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests.Loading;

/// <summary>Which requests the loaders answer. Both decide by these classes.</summary>
public sealed class AssemblyRequestTests : IDisposable
{
    private const string Signed = "Some.Library, Version=2.1.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51";
    private static readonly string Bin = Path.Combine(Path.GetTempPath(), "module", "bin", "net472");
    private static readonly string Deps = Path.Combine(Bin, "deps");

    /// <summary>.NET Framework takes its own version of these whichever is asked for; also of System.ValueTuple, since 4.7.1.</summary>
    private static readonly HashSet<string> OfNetFramework =
    [
        "mscorlib",
        "netstandard",
        "System",
        "System.Core",
        "System.IO.Compression",
        "System.IO.Compression.FileSystem",
        "System.Net.Http",
        "System.Numerics",
        "System.ValueTuple",
        "System.Xml",
        "System.Xml.Linq",
    ];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("linuxp2v-test");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(Signed, true)]
    [InlineData("some.library, Version=2.1.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", true)]
    [InlineData("Some.Library, Version=2.0.9.9, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", true)]
    [InlineData("Some.Library", true)]
    [InlineData("Some.Library, PublicKeyToken=cc7b13ffcd2ddd51", true)]
    [InlineData("Some.Library, Version=2.1.0.1, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", false)]
    [InlineData("Some.Library, Version=3.0.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", false)]
    [InlineData("Some.Library, Version=2.1.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a", false)]
    [InlineData("Some.Library, Version=2.1.0.0, Culture=neutral, PublicKeyToken=null", true)]
    [InlineData("Some.Library.resources, Version=2.1.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", false)]
    [InlineData("Some.Other, Version=2.1.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", false)]
    public void ASignedAssemblyMeets(string asked, bool isMet) =>
        Assert.Equal(isMet, new AssemblyRequest(new AssemblyName(asked), null).IsMetBy(new AssemblyName(Signed)));

    [Theory]
    [InlineData("LinuxP2V.Engine, Version=0.1.0.0, Culture=neutral, PublicKeyToken=null", true)]
    [InlineData("LinuxP2V.Engine", true)]
    [InlineData("LinuxP2V.Engine, Version=0.0.9.0, Culture=neutral, PublicKeyToken=null", false)]
    [InlineData("LinuxP2V.Engine, Version=0.2.0.0, Culture=neutral, PublicKeyToken=null", false)]
    [InlineData("LinuxP2V.Engine, Version=0.1.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", false)]
    public void TheEngineIsThatOfTheSameBuild(string asked, bool isMet) =>
        Assert.Equal(
            isMet,
            new AssemblyRequest(new AssemblyName(asked), null).IsMetBy(
                new AssemblyName("LinuxP2V.Engine, Version=0.1.0.0, Culture=neutral, PublicKeyToken=null")
            )
        );

    [Fact]
    public void OnlyOurOwnRequestersAreAnswered()
    {
        Assert.True(IsOurs("Renci.SshNet", Path.Combine(Bin, "LinuxP2V.Cmdlets.dll")));
        Assert.True(IsOurs("System.Memory", Path.Combine(Deps, "System.Text.Json.dll")));
        Assert.False(IsOurs("Renci.SshNet", Path.Combine(Path.GetTempPath(), "Posh-SSH", "PoshSSH.dll")));
        Assert.False(IsOurs("LinuxP2V.Engine", Path.Combine(Path.GetTempPath(), "other", "bin", "net472", "LinuxP2V.Cmdlets.dll")));
        Assert.False(IsOurs("Renci.SshNet", Path.Combine(Deps, "more", "Stranger.dll")));
        Assert.False(IsOurs("Renci.SshNet", Bin + "x" + Path.DirectorySeparatorChar + "Stranger.dll"));
        Assert.False(IsOurs("Renci.SshNet", "Stranger.dll"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void ARequesterThatIsNotToldGetsTheEngineAlone(string? path)
    {
        Assert.True(IsOurs("LinuxP2V.Engine", path));
        Assert.True(IsOurs("LinuxP2V.Protocol", path));
        Assert.False(IsOurs("Renci.SshNet", path));
        Assert.False(IsOurs("System.Text.Json", path));
        Assert.False(IsOurs("LinuxP2V.EngineX", path));
    }

    [Fact]
    public void TheFolderAnswersWithWhatLayThereAtTheStart()
    {
        var library = MakeAssembly("Some.Library", new Version(2, 1));
        Directory.CreateDirectory(Path.Combine(folder.FullName, "below"));
        File.Copy(library, Path.Combine(folder.FullName, "below", "Hidden.dll"));
        File.WriteAllText(Path.Combine(folder.FullName, "Native.dll"), "no assembly");
        File.Copy(library, Path.Combine(folder.FullName, "Misnamed.dll"));
        var dependencies = new DependencyFolder(folder.FullName);
        MakeAssembly("Late.Comer", new Version(1, 0));

        Assert.Equal(library, Find(dependencies, "Some.Library, Version=2.0.0.0"));
        Assert.Null(Find(dependencies, "Some.Library, Version=2.2.0.0"));
        Assert.Null(Find(dependencies, "Late.Comer"));
        Assert.Null(Find(dependencies, "Hidden"));
        Assert.Null(Find(dependencies, "below/Hidden"));
        Assert.Null(Find(dependencies, "Native"));
        Assert.Null(Find(dependencies, "Misnamed"));
        File.Delete(library);
        Assert.Null(Find(dependencies, "Some.Library, Version=2.0.0.0"));
        Assert.Null(Find(new DependencyFolder(Path.Combine(folder.FullName, "none")), "Some.Library"));
    }

    /// <summary>Else a dependency could be refused on the user's machine for what its own neighbours ask for.</summary>
    [Theory]
    [InlineData("net8.0")]
    [InlineData("net472")]
    public void WhatOurAssembliesAskForIsAnswered(string framework)
    {
        var bin = Path.Combine(Staged.ModuleFolder, "bin", framework);
        var dependencies = new DependencyFolder(Path.Combine(bin, "deps"));
        var files = Directory.GetFiles(dependencies.Path, "*.dll");
        var unanswered =
            from file in files.Append(Path.Combine(bin, "LinuxP2V.Cmdlets.dll"))
            from asked in LateTypeCheck.References(file)
            where !ComesWithPowerShell(asked, framework) || files.Any(f => Path.GetFileNameWithoutExtension(f) == asked.Name)
            where dependencies.Find(new AssemblyRequest(asked, file)) is null
            select $"{Path.GetFileName(file)} asks for {asked.FullName}";
        Assert.Empty(unanswered);
    }

    /// <summary>With the oldest that imports the module: PowerShell 7.4 has .NET 8, Windows PowerShell .NET Framework 4.7.2.</summary>
    private static bool ComesWithPowerShell(AssemblyName asked, string framework) =>
        asked.Name == "System.Management.Automation"
        || (
            framework == "net472" ? OfNetFramework.Contains(asked.Name!) : IsOfNet(asked.Name!) && asked.Version <= new Version(8, 0, 0, 0)
        );

    private static bool IsOfNet(string name) =>
        File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name + ".dll"));

    private static bool IsOurs(string asked, string? requester) =>
        new AssemblyRequest(new AssemblyName(asked), requester).IsOurs(Bin, Deps);

    private static string? Find(DependencyFolder folder, string asked) => folder.Find(new AssemblyRequest(new AssemblyName(asked), null));

    private string MakeAssembly(string name, Version version)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = version }, typeof(object).Assembly);
        builder.DefineDynamicModule(name);
        var file = Path.Combine(folder.FullName, name + ".dll");
        builder.Save(file);
        return file;
    }
}
