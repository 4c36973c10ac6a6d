using System.Management.Automation;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class ErrorMapperTests
{
    private const string Defect = "This is a defect of LinuxP2V";

    public static TheoryData<Exception, string> SystemFailures =>
        new()
        {
            { new PlatformNotSupportedException("AES-GCM is not there."), ErrorIds.SystemComponentMissing },
            { new CryptographicException("No such provider."), ErrorIds.SystemComponentMissing },
            { new DllNotFoundException("Unable to load libssl."), ErrorIds.SystemComponentMissing },
            {
                new TypeInitializationException("Interop+OpenSsl", new DllNotFoundException("Unable to load libssl.")),
                ErrorIds.SystemComponentMissing
            },
            {
                new TypeInitializationException(
                    "Outer",
                    new TypeInitializationException("Inner", new EntryPointNotFoundException("SSL_new"))
                ),
                ErrorIds.SystemComponentMissing
            },
            {
                new InvalidOperationException(
                    "This implementation is not part of the Windows Platform FIPS validated cryptographic algorithms."
                ),
                ErrorIds.SystemComponentMissing
            },
            { new FileLoadException("Could not load file or assembly 'Renci.SshNet'."), ErrorIds.SystemComponentMissing },
            { new BadImageFormatException("Bad IL format."), ErrorIds.SystemComponentMissing },
            {
                new FileNotFoundException("Could not load file or assembly.", "Renci.SshNet, Version=2026.0.0.0, Culture=neutral"),
                ErrorIds.SystemComponentMissing
            },
            { new FileNotFoundException("Could not find file.", "/x/y"), ErrorIds.FileNotAccessible },
            { new DirectoryNotFoundException("Could not find a part of the path."), ErrorIds.FileNotAccessible },
            { new UnauthorizedAccessException("Access to the path is denied."), ErrorIds.FileNotAccessible },
            { new IOException("No space left on device"), ErrorIds.FileNotAccessible },
            { new PathTooLongException("Too long."), ErrorIds.FileNotAccessible },
            { new OutOfMemoryException(), ErrorIds.SystemFailure },
            { new SocketException((int)SocketError.NetworkDown), ErrorIds.SystemFailure },
            {
                new IOException(
                    "Unable to read data from the transport connection.",
                    new SocketException((int)SocketError.ConnectionReset)
                ),
                ErrorIds.SystemFailure
            },
            { new TypeLoadException("Could not load type 'X' from assembly 'System.Memory'."), ErrorIds.SystemComponentMissing },
            { new MissingMethodException("Method not found: 'Void System.Span.X()'."), ErrorIds.SystemComponentMissing },
            { new MissingFieldException("Field not found."), ErrorIds.SystemComponentMissing },
            { new AggregateException(new TargetInvocationException(new IOException("Read-only file system"))), ErrorIds.FileNotAccessible },
            { new InvalidDataException("outer", new DllNotFoundException("Unable to load libssl.")), ErrorIds.SystemComponentMissing },
            { new AggregateException(new P2VException(ErrorIds.DestinationFull, "Full.", "Free space.")), ErrorIds.DestinationFull },
        };

    [Theory]
    [MemberData(nameof(SystemFailures))]
    public void NoFaultOfTheSystemIsCalledADefect(Exception failure, string id)
    {
        var record = ErrorMapper.ToRecord(failure, "target");
        Assert.Equal(id, record.FullyQualifiedErrorId);
        Assert.False(string.IsNullOrWhiteSpace(record.ErrorDetails.RecommendedAction));
        Assert.DoesNotContain(Defect, record.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.NotEqual(ErrorCategory.NotSpecified, record.CategoryInfo.Category);
    }

    [Fact]
    public void WhatNobodyForesawIsADefect()
    {
        foreach (
            var failure in new Exception[]
            {
                new InvalidOperationException("x"),
                new NullReferenceException(),
                new ArgumentException("x"),
                new FormatException("x"),
            }
        )
        {
            var record = ErrorMapper.ToRecord(failure, null);
            Assert.Equal(ErrorMapper.UnexpectedFailure, record.FullyQualifiedErrorId);
            Assert.Contains(Defect, record.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WhatPowerShellExplainsStaysAsItIs()
    {
        var failure = new System.Management.Automation.DriveNotFoundException("no drive");
        Assert.Same(failure.ErrorRecord.Exception.GetType(), ErrorMapper.ToRecord(failure, null).Exception.GetType());
    }
}
