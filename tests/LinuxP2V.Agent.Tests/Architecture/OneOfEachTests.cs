using System.Diagnostics;
using LinuxP2V.Agent.Platform;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace LinuxP2V.Agent.Tests.Architecture;

/// <summary>What the agent does in one place only.</summary>
public sealed class OneOfEachTests
{
    [Fact]
    public void ProgramsAreStartedInOnePlace()
    {
        using var module = ModuleDefinition.ReadModule(typeof(EntryPoint).Assembly.Location);

        // GetTypes tells nested types too: an async method's code is in one.
        var starters = module
            .GetTypes()
            .Where(type => type.Methods.Any(method => method.HasBody && method.Body.Instructions.Any(IsStart)))
            .Select(type => type.FullName);

        Assert.Equal([typeof(ProcessStarter).FullName], starters);
    }

    /// <summary>A program that is started by chroot would run beside all that the helper holds.</summary>
    [Fact]
    public void ProgramsOfTheCopyAreNeverStartedByChroot()
    {
        using var module = ModuleDefinition.ReadModule(typeof(EntryPoint).Assembly.Location);
        var starters = module
            .GetTypes()
            .SelectMany(type => type.Methods.Where(method => method.HasBody))
            .Where(method => method.Body.Instructions.Any(instruction => instruction.Operand is "chroot"))
            .Select(method => method.FullName);

        Assert.Empty(starters);
    }

    private static bool IsStart(Instruction instruction) =>
        instruction.Operand is MethodReference { Name: nameof(Process.Start) } method
        && method.DeclaringType.FullName == typeof(Process).FullName;
}
